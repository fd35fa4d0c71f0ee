"""Builders of batches, plans, messages and findings."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from bailiff_bot.domain.delivery import Batch, BatchPlan, DeliveryState, MessageKind, OutgoingMessage, Run
from bailiff_bot.domain.digest import SCHEDULED_DIGEST, DigestMemory
from bailiff_bot.domain.finding_keys import dump_keys
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import FindingKey, OpenFinding, TrendPoint
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject
from bailiff_bot.store.delivery_store import SqlDeliveryStore
from bailiff_bot.store.digest_memory import encode

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNEL, ADA, BEN = "C0DIGEST", "U0ADA", "U0BEN"
IRELAND = Target("111122223333", "eu-west-1")
HOSTILE = "<!channel> \u202e 'é' \"日本語\" \\ % _ 👩‍👩‍👧"


def slot(number: int = 0) -> str:
    """Return the slot of the day with this number."""
    return f"{date(2026, 11, 23) + timedelta(days=number)}T09:00 Europe/Paris"


def new_batch(number: int = 0, kind: str = SCHEDULED_DIGEST, planned: datetime | None = None) -> Batch:
    """Return a batch of the day with this number."""
    at = planned or NOW + number * DAY
    return Batch(f"dispatch{number}", kind, slot(number), CHANNEL, at, at + 8 * HOUR, {"said": HOSTILE})


def key(number: int = 1, rule: RuleId = RuleId.NAMED, target: Target = IRELAND) -> FindingKey:
    return FindingKey(Subject(target, f"i-{number:017x}"), rule)


def grant(number: int = 1, days: int = 14, granted: datetime = NOW, subject: Subject | None = None) -> Grant:
    """Return an exemption that lasts so many days."""
    return Grant(
        f"grant{number}",
        subject or key(number).subject,
        frozenset({RuleId.NAMED, RuleId.ALLOWED_REGION}),
        granted + days * DAY,
        HOSTILE,
        ADA,
        HOSTILE,
        granted,
    )


def disclaimer(number: int = 1, days: int = 14, at: datetime = NOW, subject: Subject | None = None) -> Disclaimer:
    """Return that Ada says "not mine", for so many days."""
    place, said = subject or key(number).subject, f"agr-{number} {HOSTILE}"
    return Disclaimer(
        f"disclaimer{number}", place, said, ADA, HOSTILE, "ada@octo.example", at, at + days * DAY, "as it was"
    )


def assignment(number: int = 1, at: datetime = NOW, subject: Subject | None = None) -> Assignment:
    """Return that Ada assigns an instance to Ben."""
    place = subject or key(number).subject
    return Assignment(f"assignment{number}", place, BEN, HOSTILE, "ben@octo.example", ADA, HOSTILE, at, "as it was")


def open_finding(found: FindingKey, first: datetime = NOW, last: datetime = NOW) -> OpenFinding:
    return OpenFinding(found, first, last, f"box ({found.subject.id}) {HOSTILE}", "AGR", (HOSTILE, "Mel"), 1)


def trend_point(at: datetime = NOW, flagged: int = 3) -> TrendPoint:
    return TrendPoint(at, flagged, 70, complete=True)


PARENT = OutgoingMessage(MessageKind.PARENT, CHANNEL, "parent", "The digest", {"text": HOSTILE})


def reply(number: int) -> OutgoingMessage:
    return OutgoingMessage(MessageKind.REPLY, CHANNEL, f"tables {number}", f"Tables {number}", {"text": f"{number}"})


def nudge(user: str, *keys: FindingKey) -> OutgoingMessage:
    return OutgoingMessage(
        MessageKind.DIRECT, user, "nudge", f"{user}: {len(keys)} instances", {"text": "You owe"}, dump_keys(keys)
    )


def edit(user: str, ts: str, *still_listed: FindingKey) -> OutgoingMessage:
    return OutgoingMessage(
        MessageKind.EDIT, user, f"edit {ts}", "An earlier message", {"channel": "D1"}, dump_keys(still_listed), ts
    )


def plan(
    number: int = 0,
    *messages: OutgoingMessage,
    findings: Iterable[OpenFinding] | None = None,
    point: TrendPoint | None = None,
    policy: str = "",
    batch: Batch | None = None,
) -> BatchPlan:
    """Return a plan that has the parent message first. It remembers something if `findings` or `point` is given."""
    batch = batch or new_batch(number)
    run = None
    if findings is not None or point is not None:
        memory = DigestMemory(tuple(findings or ()), point or trend_point(batch.planned_at), policy)
        run = Run(batch.id, batch.planned_at, encode(memory))
    return BatchPlan(batch, (PARENT, *messages), run)


def plan_and_settle_parent(
    delivery_store: SqlDeliveryStore, plan: BatchPlan, state: DeliveryState = DeliveryState.SENT
) -> None:
    """Save a plan, and settle its parent message."""
    assert delivery_store.save_plan(plan)
    parent, *_ = delivery_store.deliveries(plan.batch.id)
    settle_delivery(delivery_store, parent.key, "0.0", state)


def settle_delivery(
    delivery_store: SqlDeliveryStore, key: str, ts: str = "", state: DeliveryState = DeliveryState.SENT
) -> None:
    """Claim a delivery, and settle it."""
    assert delivery_store.claim(key, "sender", NOW + 9000 * DAY, NOW + 9001 * DAY)
    assert delivery_store.settle(key, "sender", state, channel="D1", ts=ts)


def keys(delivery_store: SqlDeliveryStore, number: int = 0) -> list[str]:
    return [delivery.key for delivery in delivery_store.deliveries(f"dispatch{number}")]
