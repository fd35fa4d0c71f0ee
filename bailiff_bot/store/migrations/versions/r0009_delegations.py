"""The table of who acts for whom, for whom something was done, and which command an offer answers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table, and add the columns."""
    op.create_table(
        "delegations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("owner_address", sa.Text, nullable=False),
        sa.Column("delegate_id", sa.Text, nullable=False),
        sa.Column("delegate_name", sa.Text, nullable=False),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("delegations_by_end", "delegations", ["until"])
    op.add_column("offers", sa.Column("query", sa.Text, nullable=False, server_default=""))
    op.add_column("action_results", sa.Column("acted_for", sa.Text, nullable=False, server_default=""))
