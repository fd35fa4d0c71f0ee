"""The columns that say who owned what was acted on, and whether they were told. What was done before is not told."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("action_results", sa.Column("owners", sa.Text, nullable=False, server_default=""))
    op.add_column("action_results", sa.Column("told", sa.Boolean, nullable=False, server_default=sa.true()))
