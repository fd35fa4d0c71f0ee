"""The table of what the messages in the triage channel show."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "triage_items",
        sa.Column("disclaimer", sa.Text, primary_key=True),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_index("ix_triage_items_message", "triage_items", ["message"])
