"""The tables for stopped instances without a stop time from EC2, and for schedules."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "watched",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("instance", sa.Text, primary_key=True),
        sa.Column("seen", instant, nullable=False),
        sa.Column("last", instant, nullable=False),
    )
    op.create_table(
        "schedules",
        sa.Column("text", sa.Text, primary_key=True),
        sa.Column("since", instant, nullable=False),
        sa.Column("seen", instant, nullable=False),
    )
