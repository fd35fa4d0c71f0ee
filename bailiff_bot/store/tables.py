"""The tables, as the latest migration leaves them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from bailiff_bot.store.types import JSON_VALUE, SafeText, UtcDateTime

metadata = MetaData()

snapshots = Table(
    "snapshots",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""The latest snapshot, one for each version of the codec: replicas of two versions do not take each other's away."""

scan_counts = Table(
    "counts",
    metadata,
    Column("at", UtcDateTime, primary_key=True),
    Column("instances", JSON_VALUE, nullable=False),
    Column("people", Integer),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

slack_users = Table(
    "people",
    metadata,
    Column("address", SafeText, primary_key=True),
    Column("user_id", Text),
    Column("name", SafeText, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("found", UtcDateTime, nullable=False),
)
"""Whom Slack has behind an address; without a user's id there is a reason."""

batches = Table(
    "dispatches",
    metadata,
    Column("id", Text, primary_key=True),
    Column("occasion", Text, nullable=False),
    Column("slot", Text, nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("planned", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("context", JSON_VALUE, nullable=False),
    Column("finished", UtcDateTime),
    Column("memory", LargeBinary),
)
"""`memory` is what a digest lets us remember (see `remembering`), until it is known whether anybody saw it."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", Text, primary_key=True),
    Column("dispatch", Text, ForeignKey("dispatches.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("part", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("label", SafeText, nullable=False),
    Column("payload", JSON_VALUE, nullable=False),
    Column("state", Text, nullable=False),
    Column("ready", UtcDateTime, nullable=False),
    Column("attempted", UtcDateTime),
    Column("holder", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("replaced", Boolean, nullable=False),
    Column("edits", Text, nullable=False),
    Column("told", JSON_VALUE, nullable=False),
    Column("still", JSON_VALUE, nullable=False),
    UniqueConstraint("dispatch", "name", "recipient", name="one_of_a_name"),
    Index("deliveries_by_dispatch", "dispatch", "position"),
    Index("deliveries_by_recipient", "recipient", "part"),
)
"""`told` are the findings of a nudge, `still` those of them that the message still lists.

An edit has in `edits` the timestamp of its message, and in `still` what that lists afterwards. Payloads are emptied at
the end.
"""

open_findings = Table(
    "sightings",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("subject", SafeText, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("first", UtcDateTime, nullable=False),
    Column("last", UtcDateTime, nullable=False),
    Column("title", SafeText, nullable=False),
    Column("whose", SafeText, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("count", Integer, nullable=False),
)
"""Every finding that was owed at the last digest that was seen."""

latest_digests = Table(
    "remembered",
    metadata,
    Column("name", Text, primary_key=True),
    Column("planned", UtcDateTime, nullable=False),
    Column("policy", Text, nullable=False),
)
"""Which digest that is, by the instant at which it was planned, and the rules that it was judged by."""

trend_points = Table(
    "points",
    metadata,
    Column("dispatch", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("owing", Integer, nullable=False),
    Column("instances", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
)
"""The trend: a point outlives its dispatch."""

rate_limits = Table(
    "paces",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
)
"""From when on there may be a post, in microseconds since 1970: both databases can add to a number in one statement."""

stopped_instances = Table(
    "watched",
    metadata,
    Column("account", Text, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("partition", Text, primary_key=True),
    Column("instance", Text, primary_key=True),
    Column("seen", UtcDateTime, nullable=False),
    Column("last", UtcDateTime, nullable=False),
)
"""The first and the last sight of each stopped instance that EC2 does not date."""

schedules = Table(
    "schedules",
    metadata,
    Column("text", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
)
"""Since when each text of a schedule stands, and when it was last used."""
