"""Plans and findings to test with, in few words."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from bailiff_bot.domain.delivery import Dispatch, Draft, Occasion, Part, Plan, State
from bailiff_bot.domain.history import FindingKey, Point, Sighting, Subject
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.store.deliveries import SqlLedger

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNEL, ADA, BEN = "C0DIGEST", "U0ADA", "U0BEN"
IRELAND = Target("111122223333", "eu-west-1")
HOSTILE = "<!channel> \u202e 'é' \"日本語\" \\ % _ 👩‍👩‍👧"


def slot(number: int = 0) -> str:
    """Return the slot of one of many days."""
    return f"{date(2026, 11, 23) + timedelta(days=number)}T09:00 Europe/Paris"


def dispatch(number: int = 0, occasion: Occasion = Occasion.SCHEDULED, planned: datetime | None = None) -> Dispatch:
    """Return a dispatch of its day."""
    at = planned or NOW + number * DAY
    return Dispatch(f"dispatch{number}", occasion, slot(number), CHANNEL, at, at + 8 * HOUR, {"said": HOSTILE})


def key(number: int = 1, rule: RuleId = RuleId.NAMED, target: Target = IRELAND) -> FindingKey:
    return FindingKey(Subject(target, f"i-{number:017x}"), rule)


def sighting(found: FindingKey, first: datetime = NOW, last: datetime = NOW) -> Sighting:
    return Sighting(found, first, last, f"box ({found.subject.id}) {HOSTILE}", "AGR", HOSTILE, 1)


def point(at: datetime = NOW, owing: int = 3) -> Point:
    return Point(at, owing, 70, complete=True)


PARENT = Draft(Part.PARENT, CHANNEL, "parent", "The digest", {"text": HOSTILE})


def reply(number: int) -> Draft:
    return Draft(Part.REPLY, CHANNEL, f"tables {number}", f"Tables {number}", {"text": f"{number}"})


def nudge(user: str, *keys: FindingKey) -> Draft:
    return Draft(Part.NUDGE, user, "nudge", f"{user}: {len(keys)} instances", {"text": "You owe"}, frozenset(keys))


def edit(user: str, ts: str, *left: FindingKey) -> Draft:
    return Draft(Part.EDIT, user, f"edit {ts}", "An earlier message", {"channel": "D1"}, frozenset(left), ts)


def plan(
    number: int = 0,
    *drafts: Draft,
    sightings: Iterable[Sighting] | None = None,
    point: Point | None = None,
    policy: str = "",
    of: Dispatch | None = None,
) -> Plan:
    """Return a plan whose parent stands in front."""
    owed = None if sightings is None else tuple(sightings)
    return Plan(of or dispatch(number), (PARENT, *drafts), owed, point, policy)


def post(ledger: SqlLedger, plan: Plan, state: State = State.SENT) -> None:
    """Plan something, and bring its parent to an end."""
    assert ledger.plan(plan)
    parent, *_ = ledger.deliveries(plan.dispatch.id)
    send(ledger, parent.key, "0.0", state)


def send(ledger: SqlLedger, key: str, ts: str = "", state: State = State.SENT) -> None:
    """Bring a delivery to its end."""
    assert ledger.take(key, "sender", NOW + 9000 * DAY, NOW + 9001 * DAY)
    assert ledger.settle(key, "sender", state, channel="D1", ts=ts)


def keys(ledger: SqlLedger, number: int = 0) -> list[str]:
    return [delivery.key for delivery in ledger.deliveries(f"dispatch{number}")]
