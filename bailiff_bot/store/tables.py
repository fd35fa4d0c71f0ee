"""The tables, as of the latest migration.

Databases keep the names of tables and columns that they were made with. Where the code has another word, the variable
has it: `dispatches` holds batches, `sightings` open findings, `points` the trend, `paces` rate limits, `watched`
stopped instances, `people` Slack users, `remembered` the latest digest; `occasion` and `part` are kinds, `whose` is a
label of an owner, `ready` is `available_at`, `told` and `still` are finding keys.
"""

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
"""The latest snapshot for each version of the codec, so that replicas of two versions do not replace each other's."""

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
"""The Slack user of each address. A row without a user id has the reason."""

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
"""`memory` is the digest history (see `store.open_findings`) until it is known whether anybody saw the digest."""

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
"""The deliveries of the batches. `told` has the findings of a nudge, `still` those that the message still lists.

For an edit, `edits` is the timestamp of the edited message, and `still` has what the message lists after the edit.
`ready` is when the delivery is available. `payload` is emptied when the delivery is settled.
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
"""Every open finding of the last digest that was seen. `whose` is the owner's label, `name` the owner's name."""

latest_digests = Table(
    "remembered",
    metadata,
    Column("name", Text, primary_key=True),
    Column("planned", UtcDateTime, nullable=False),
    Column("policy", Text, nullable=False),
)
"""When the last digest that was seen was planned, and the fingerprint of its policy."""

trend_points = Table(
    "points",
    metadata,
    Column("dispatch", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("owing", Integer, nullable=False),
    Column("instances", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
)
"""The trend. A point stays when its batch is deleted. `owing` is the number of flagged instances."""

rate_limits = Table(
    "paces",
    metadata,
    Column("conversation", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
)
"""The next free send time of each conversation, in microseconds since 1970.

It is a number, because both databases can add to a number in one statement.
"""

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
"""When each stopped instance without a stop time from EC2 was first (`seen`) and last (`last`) seen stopped."""

schedules = Table(
    "schedules",
    metadata,
    Column("text", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen", UtcDateTime, nullable=False),
)
"""Since when each schedule is in use, and when it was last used (`seen`)."""
