"""Who and what there is in a tortured world: 20 owners, a machine of each, and a few that are nobody's."""

from datetime import timedelta
from string import ascii_lowercase

from bailiff_bot.sandbox.aws.instance_fixture import Machine
from bailiff_bot.sandbox.fixtures import Channel, Member

OWNERS = tuple(f"q{first}{second}" for first in "ab" for second in ascii_lowercase[:10])
"""Identifiers, and names in Slack."""
NOBODY = "qzz"
"""In the directory, and not in Slack."""
CHANNEL = Channel("C0COSTS001", "cloud-costs", bot_is_member=True)
MEMBERS = tuple(
    Member(f"U0{name.upper()}{number:05}", name, f"Owner {name.upper()}", f"{name}@octo.example")
    for number, name in enumerate(OWNERS)
)
ASKERS = tuple(Member(f"U0ASKER{number:03}", f"asker{number}", f"Asker {number}", "") for number in range(6))
"""People who own nothing, and type commands."""
REGION = "eu-west-1"
_HALF_A_DAY = timedelta(hours=12)
UNUSED = "stopped-when-unused"


def _machine(name: str, days: int, verdict: str, key: str = "") -> Machine:
    return Machine(key=key or name, name=name, up=timedelta(days=days) + _HALF_A_DAY, verdict=verdict)


FLEET = (
    *(_machine(f"{name}-box", 45 + number, UNUSED) for number, name in enumerate(OWNERS)),
    # With names so long that the tables do not fit into one message.
    *(_machine(f"{NOBODY}-{number}-{'x' * 200}", 90 + number, UNUSED) for number in range(16)),
    _machine(f"{NOBODY}-new", 2, "legit"),
    _machine("prod-db", 500, "owned"),
    Machine(key="unnamed", name=None, up=timedelta(days=12) + _HALF_A_DAY, verdict="named"),
)


def people_csv() -> str:
    """Return the directory."""
    return "trigram,email\n" + "".join(f"{name.upper()},{name}@octo.example\n" for name in (*OWNERS, NOBODY))
