"""The fixtures of every scenario: 20 owners with one instance each, and a few instances without an owner."""

from datetime import timedelta
from string import ascii_lowercase

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import ChannelFixture, UserFixture

OWNERS = tuple(f"q{first}{second}" for first in "ab" for second in ascii_lowercase[:10])
"""Their identifiers, which are also their names in Slack."""
NOT_IN_SLACK = "qzz"
"""An identifier in the directory whose person is not in Slack."""
CHANNEL = ChannelFixture("C0COSTS001", "cloud-costs", bot_is_member=True)
MEMBERS = tuple(
    UserFixture(f"U0{name.upper()}{number:05}", name, f"Owner {name.upper()}", f"{name}@octo.example")
    for number, name in enumerate(OWNERS)
)
COMMAND_USERS = tuple(
    UserFixture(f"U0ASKER{number:03}", f"asker{number}", f"Asker {number}", "") for number in range(6)
)
"""People without instances, who type commands."""
REGION = "eu-west-1"
_HALF_A_DAY = timedelta(hours=12)
STOPPED_WHEN_UNUSED = "stopped-when-unused"


def _instance(name: str, days: int, table: str) -> InstanceFixture:
    return InstanceFixture(key=name, name=name, since_start=timedelta(days=days) + _HALF_A_DAY, expected_table=table)


FLEET = (
    *(_instance(f"{name}-box", 45 + number, STOPPED_WHEN_UNUSED) for number, name in enumerate(OWNERS)),
    # These names are so long that the tables do not fit into one message.
    *(_instance(f"{NOT_IN_SLACK}-{number}-{'x' * 200}", 90 + number, STOPPED_WHEN_UNUSED) for number in range(16)),
    _instance(f"{NOT_IN_SLACK}-new", 2, "legit"),
    _instance("prod-db", 500, "owned"),
    InstanceFixture(key="unnamed", name=None, since_start=timedelta(days=12) + _HALF_A_DAY, expected_table="named"),
)


def user_id(owner: str) -> str:
    """Return the id of an owner's user."""
    return next(one.id for one in MEMBERS if one.name == owner)


def instance_of(owner: str) -> str:
    """Return the id of an owner's instance."""
    return next(one.id for one in FLEET if one.key == f"{owner}-box")


def people_csv() -> str:
    """Return the directory as a CSV file."""
    return "trigram,email\n" + "".join(f"{name.upper()},{name}@octo.example\n" for name in (*OWNERS, NOT_IN_SLACK))
