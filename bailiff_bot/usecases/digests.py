"""The use cases that send: the digest with its nudges, the preview, the full report. Each is planned, then carried out.

A plan is written down as a whole before anything is sent, so that whoever finds it unfinished can go on with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from bailiff_bot.domain.changes import Changes, compare
from bailiff_bot.domain.delivery import DIGESTS, SETTLED, Dispatch, Draft, Occasion, Plan
from bailiff_bot.domain.history import FindingKey, Memory, Nudged, keys_of, left_of, nudge_due, point_of
from bailiff_bot.domain.owner import Debts, Owners, Unclaimed, addresses, owners_of
from bailiff_bot.domain.policy import fingerprint
from bailiff_bot.domain.report import Report
from bailiff_bot.errors import SlackError, StoreError
from bailiff_bot.leases import Turns
from bailiff_bot.outbox.delivery_store import Ledger
from bailiff_bot.outbox.worker import Dispatcher
from bailiff_bot.usecases.reports import Bailiff

PREVIEW = "preview"
"""The nudges of a digest that one person alone gets to see."""
WANTED = timedelta(hours=1)
"""For how long somebody who asked waits for what was asked for."""
_TURN = "digest"
_LOOK_EVERY = 0.5


class Roster(Protocol):
    """Who is who in the Slack workspace."""

    def owners(self, addresses: frozenset[str]) -> Owners:
        """Return the owner behind each e-mail address, or the reason why there is none."""
        ...


class History(Protocol):
    """What earlier digests said; raises StoreError."""

    def recall(self) -> Memory:
        """Return what is remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Digest:
    """What is said to everyone once a day."""

    report: Report
    changes: Changes
    memory: Memory
    debts: tuple[Debts, ...]
    """Those of each owner that was found."""
    due: frozenset[str]
    """The users among these who are told, or would be: the others were, and nothing is new."""
    unclaimed: tuple[Unclaimed, ...]
    """Those of nobody that could be found."""
    nudges: str
    """`on`: the owners are told; `dry-run`: the thread says who would be; `off`; `preview`."""


class Pen(Protocol):
    """Draws what is sent."""

    def digest(self, digest: Digest, recipient: str) -> tuple[tuple[Draft, ...], Mapping[str, Any]]:
        """Return the parent and its thread, and what the last word on who was told is drawn from, as JSON."""
        ...

    def nudge(self, debts: Debts, digest: Digest, nudged: Nudged | None) -> Draft:
        """Return the direct message to an owner, who was told before or not."""
        ...

    def amended(self, nudged: Nudged, left: frozenset[FindingKey], digest: Digest) -> Draft:
        """Return the new content of an earlier direct message, of which so much is left."""
        ...

    def superseded(self, nudged: Nudged) -> Draft:
        """Return the new content of an earlier direct message that a newer one replaces."""
        ...

    def full_report(self, report: Report, recipient: str, whose: tuple[str, ...]) -> tuple[Draft, ...]:
        """Return the parent and its thread."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a digest went."""

    digest: Digest
    told: int
    """How many owners were told."""
    faults: tuple[str, ...]
    """What did not arrive and who was not told, with the reason, a line each."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Sends; `channel` returns the id of the digest's channel, or raises Refused."""

    bailiff: Bailiff
    roster: Roster
    pen: Pen
    history: History
    dispatcher: Dispatcher
    turns: Turns
    channel: Callable[[], str]
    nudges: str
    """`on`, `dry-run` or `off`."""
    remind: timedelta
    """After which an owner is told again though nothing is new."""

    def scheduled(self, slot: str, expires: datetime) -> Outcome | None:
        """Send the digest of a slot, unless another replica does; what is not sent at `expires` no longer is."""
        dispatch = _dispatch(Occasion.SCHEDULED, slot, self.channel(), self._now(), expires)
        with self.turns.turn(_TURN) as mine:
            # Also with the turn: another replica may have had it before.
            planned = self._planned(dispatch) if mine and not self._ledger.has(slot) else None
        return self._outcome(*planned) if planned else None

    def by_hand(self) -> Outcome:
        """Send the digest now; raises SlackError when it does not arrive."""
        channel = self.channel()
        while True:
            with self.turns.turn(_TURN) as mine:
                planned = self._planned(self._unscheduled(Occasion.BY_HAND, channel)) if mine else None
            if planned:
                return self._outcome(*planned)
            if self.dispatcher.courier.pause(_LOOK_EVERY):
                raise SlackError("The digest was not sent: Bailiff was told to stop.")

    def preview(self, user: str) -> Outcome:
        """Send the whole of a digest to one person alone; it tells no owner, and is forgotten."""
        planned = self._planned(self._unscheduled(Occasion.PREVIEW, user))
        if planned is None:
            raise SlackError("The preview was not sent: another was planned at the same instant. Send it again.")
        return self._outcome(*planned)

    def full_report(self, user: str, report: Report, whose: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Send every table of a report to a person; return what is missing of it, a line each.

        Raises SlackError when not even its first message will arrive.
        """
        dispatch = self._unscheduled(Occasion.REPORT, user)
        self._written(Plan(dispatch, self.pen.full_report(report, user, whose)))
        carried = self.dispatcher.carry(dispatch)
        if carried.deliveries[0].state in SETTLED:
            carried.check()
        return carried.faults

    @property
    def _ledger(self) -> Ledger:
        return self.dispatcher.courier.ledger

    def _now(self) -> datetime:
        return self.dispatcher.now()

    def _unscheduled(self, occasion: Occasion, recipient: str) -> Dispatch:
        now = self._now()
        slot = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S} {occasion} {uuid4().hex[:12]}"
        return _dispatch(occasion, slot, recipient, now, now + WANTED)

    def _planned(self, dispatch: Dispatch) -> tuple[Dispatch, Digest] | None:
        """Look at the tenant, and write down all that is to be sent; None when the slot is somebody else's."""
        known = dispatch.occasion in DIGESTS
        digest = self._digest(self.nudges if known else PREVIEW)
        drafts, context = self.pen.digest(digest, dispatch.recipient)
        dispatch = replace(dispatch, context=context)
        if self._now() >= dispatch.expires:
            raise SlackError(f"The digest of {dispatch.slot} was not sent: the scan took until it was too late for it.")
        if known:
            direct = tuple(self._direct(digest))
            rules = fingerprint(digest.report.policy)
            plan = Plan(dispatch, (*drafts, *direct), digest.changes.sightings, point_of(digest.report), rules)
        else:
            plan = Plan(dispatch, drafts)
        if known and not self.turns.is_kept(_TURN):
            return None  # somebody else may have looked at the tenant meanwhile, and told the same owners
        return (dispatch, digest) if self._written(plan) else None

    def _written(self, plan: Plan) -> bool:
        """Write a plan down; where the database gives no answer, look whether it did."""
        try:
            return self._ledger.plan(plan)
        except StoreError as error:
            try:
                written = bool(self._ledger.deliveries(plan.dispatch.id))
            except StoreError:
                raise StoreError(
                    f"{error} If it was written down all the same, the running bot sends it: look before you ask again."
                ) from error
            if not written:
                raise
            return True

    def _digest(self, nudges: str) -> Digest:
        snapshot, report = self.bailiff.fresh()
        self.dispatcher.expire()
        memory = self.history.recall()
        owners = self.roster.owners(addresses(report))
        debts, unclaimed = owners_of(report, owners)
        changes = compare(report, owners, snapshot.inventory, memory, doubted=bool(report.doubts))
        due = frozenset(one.owner.user_id for one in debts if self._is_due(one, memory, report.at))
        return Digest(report, changes, memory, debts, due, unclaimed, nudges)

    def _is_due(self, debts: Debts, memory: Memory, now: datetime) -> bool:
        return nudge_due(keys_of(debts.rows), memory.nudged.get(debts.owner.user_id), now, self.remind)

    def _direct(self, digest: Digest) -> Iterator[Draft]:
        """Yield the direct messages, and the new content of those that would no longer be true."""
        told = digest.due if digest.nudges == "on" and not digest.report.doubts else frozenset()
        owed = {one.owner.user_id: keys_of(one.rows) for one in digest.debts}
        # What nobody was found for may be the reader's all the same: the directory or Slack may have told nothing.
        uncertain = keys_of(row for one in digest.unclaimed for row in one.rows) | digest.changes.unsure.keys()
        for debts in digest.debts:
            if debts.owner.user_id in told:
                yield self.pen.nudge(debts, digest, digest.memory.nudged.get(debts.owner.user_id))
        for user, nudged in sorted(digest.memory.nudged.items()):
            left = left_of(nudged, owed.get(user, frozenset()), uncertain)
            if not nudged.ts or not nudged.left:
                continue
            if user in told:
                yield self.pen.superseded(nudged)
            elif left != nudged.left:
                yield self.pen.amended(nudged, left, digest)

    def _outcome(self, dispatch: Dispatch, digest: Digest) -> Outcome:
        """Carry a digest out; raises SlackError when it did not arrive."""
        carried = self.dispatcher.carry(dispatch)
        carried.check()
        unanswered = tuple(f"{one.whose} was not told: {one.reason}" for one in digest.unclaimed if one.unanswered)
        return Outcome(digest, carried.told, (*unanswered, *carried.faults))


def _dispatch(occasion: Occasion, slot: str, recipient: str, planned: datetime, expires: datetime) -> Dispatch:
    return Dispatch(uuid4().hex, occasion, slot, recipient, planned, expires, {})
