"""The table for runs: what is remembered once somebody can have seen one of their parents.

The memory of unsettled batches is copied: a replica of the version before still reads it from the batch.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table, and make a run of each batch that has a memory."""
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("planned", sa.DateTime(timezone=True), nullable=False),
        sa.Column("memory", sa.LargeBinary, nullable=False),
    )
    op.add_column("dispatches", sa.Column("run", sa.Text))
    op.execute(
        "insert into runs (id, kind, planned, memory) "
        "select id, occasion, planned, memory from dispatches where memory is not null"
    )
    op.execute("update dispatches set run = id where memory is not null")
