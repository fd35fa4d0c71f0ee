"""What became of actions in AWS, what was begun, who put the brake on, and instances that were read again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the tables, and the columns of `action_results`."""
    with op.batch_alter_table("action_results") as table:
        table.add_column(sa.Column("outcome", sa.Text, nullable=False, server_default="done"))
        table.add_column(sa.Column("settled", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("detail", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "action_slots",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_action_slots_at", "action_slots", ["at"])
    op.create_table(
        "brake_switches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "instance_updates",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("partition", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_index("ix_instance_updates_at", "instance_updates", ["at"])
