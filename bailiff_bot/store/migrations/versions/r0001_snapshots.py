"""The tables for snapshots, scan counts, leases and Slack users."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "snapshots",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "counts",
        sa.Column("at", instant, primary_key=True),
        sa.Column("instances", sa.JSON, nullable=False),
        sa.Column("people", sa.Integer),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", instant, nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("found", instant, nullable=False),
    )
