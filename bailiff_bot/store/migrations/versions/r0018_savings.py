"""The tables of what was saved."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_PLACE = ("account", "region", "partition", "subject")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "told_instances",
        *(sa.Column(name, sa.Text, primary_key=True) for name in _PLACE),
        sa.Column("told", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.create_table(
        "savings",
        *(sa.Column(name, sa.Text, primary_key=True) for name in _PLACE),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("lasted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_over", sa.Boolean, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.create_index("ix_savings_lasted", "savings", ["lasted"])
    op.create_table(
        "saving_scans",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
