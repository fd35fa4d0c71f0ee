"""The tables for batches, deliveries, open findings, the trend and rate limits."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    _make_dispatches()
    _make_deliveries()
    _make_sightings()
    op.create_table(
        "remembered",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("planned", _INSTANT, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
    )
    op.create_table(
        "points",
        sa.Column("dispatch", sa.Text, primary_key=True),
        sa.Column("at", _INSTANT, nullable=False, index=True),
        sa.Column("owing", sa.Integer, nullable=False),
        sa.Column("instances", sa.Integer, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
    )
    op.create_table(
        "paces",
        sa.Column("conversation", sa.Text, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )


def _make_dispatches() -> None:
    op.create_table(
        "dispatches",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False, unique=True),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("planned", _INSTANT, nullable=False),
        sa.Column("expires", _INSTANT, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("finished", _INSTANT),
        sa.Column("memory", sa.LargeBinary),
    )


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("dispatch", sa.Text, sa.ForeignKey("dispatches.id", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("part", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ready", _INSTANT, nullable=False),
        sa.Column("attempted", _INSTANT),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("ts", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("replaced", sa.Boolean, nullable=False),
        sa.Column("edits", sa.Text, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("still", sa.JSON, nullable=False),
        sa.UniqueConstraint("dispatch", "name", "recipient", name="one_of_a_name"),
    )
    op.create_index("deliveries_by_dispatch", "deliveries", ["dispatch", "position"])
    op.create_index("deliveries_by_recipient", "deliveries", ["recipient", "part"])


def _make_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("region", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("first", _INSTANT, nullable=False),
        sa.Column("last", _INSTANT, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("whose", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
