"""Who and what there is in a tortured world: 20 owners, a machine of each, and a few that are nobody's."""

from datetime import timedelta
from string import ascii_lowercase

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import ChannelFixture, UserFixture

OWNERS = tuple(f"q{first}{second}" for first in "ab" for second in ascii_lowercase[:10])
"""Identifiers, and names in Slack."""
NOT_IN_SLACK = "qzz"
"""In the directory, and not in Slack."""
CHANNEL = ChannelFixture("C0COSTS001", "cloud-costs", bot_is_member=True)
MEMBERS = tuple(
    UserFixture(f"U0{name.upper()}{number:05}", name, f"Owner {name.upper()}", f"{name}@octo.example")
    for number, name in enumerate(OWNERS)
)
COMMAND_USERS = tuple(
    UserFixture(f"U0ASKER{number:03}", f"asker{number}", f"Asker {number}", "") for number in range(6)
)
"""People who own nothing, and type commands."""
REGION = "eu-west-1"
_HALF_A_DAY = timedelta(hours=12)
UNUSED = "stopped-when-unused"


def _machine(name: str, days: int, verdict: str, key: str = "") -> InstanceFixture:
    return InstanceFixture(
        key=key or name, name=name, since_start=timedelta(days=days) + _HALF_A_DAY, expected_table=verdict
    )


FLEET = (
    *(_machine(f"{name}-box", 45 + number, UNUSED) for number, name in enumerate(OWNERS)),
    # With names so long that the tables do not fit into one message.
    *(_machine(f"{NOT_IN_SLACK}-{number}-{'x' * 200}", 90 + number, UNUSED) for number in range(16)),
    _machine(f"{NOT_IN_SLACK}-new", 2, "legit"),
    _machine("prod-db", 500, "owned"),
    InstanceFixture(key="unnamed", name=None, since_start=timedelta(days=12) + _HALF_A_DAY, expected_table="named"),
)


def people_csv() -> str:
    """Return the directory."""
    return "trigram,email\n" + "".join(f"{name.upper()},{name}@octo.example\n" for name in (*OWNERS, NOT_IN_SLACK))
