"""The table of what CloudWatch said of each instance and day."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "usage",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("account", "region", "partition", "instance")),
        sa.Column("day", sa.Date, primary_key=True),
        *(sa.Column(name, sa.Float) for name in ("cpu_max", "cpu_average", "network_in", "network_out")),
        sa.Column("hours", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
