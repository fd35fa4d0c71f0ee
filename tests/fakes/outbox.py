"""A ledger in memory, and a Slack that stands behind a carrier: what the courier works with, without a database."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, Literal

from bailiff_bot.domain.delivery import SETTLED, Delivery, Dispatch, Part, Plan, State
from bailiff_bot.errors import StoreError
from bailiff_bot.outbox.transport import Send, Sent

Step = Literal["prepare", "send", "find", "edit", "take_back"]


class FakeLedger:
    """The `Ledger` in memory, for any number of threads and holders; `away` is what a database that fails raises."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.finished: dict[str, datetime] = {}
        """When each dispatch was finished, by its id."""
        self.away: StoreError | None = None
        self._deliveries: dict[str, Delivery] = {}
        self._holders: dict[str, str] = {}
        self._edits: dict[str, str] = {}
        self._paces: dict[str, datetime] = {}
        self._lock = RLock()

    def plan(self, plan: Plan) -> bool:
        dispatch = plan.dispatch
        with self._transaction():
            if dispatch.slot in {other.dispatch.slot for other in self.plans}:
                return False
            self.plans.append(plan)
            self._replace_earlier(plan)
            for draft in plan.drafts:
                key = f"{dispatch.slot}/{draft.name}/{draft.recipient}"
                assert key not in self._deliveries, f"{key} is not unique"
                self._deliveries[key] = Delivery(
                    key,
                    dispatch.id,
                    draft.part,
                    draft.recipient,
                    draft.label,
                    draft.payload,
                    State.PENDING,
                    dispatch.planned,
                    None,
                )
                self._edits[key] = draft.edits
            return True

    def has(self, slot: str) -> bool:
        with self._transaction():
            return slot in {plan.dispatch.slot for plan in self.plans}

    def unfinished(self) -> tuple[Dispatch, ...]:
        with self._transaction():
            open_still = [plan.dispatch for plan in self.plans if plan.dispatch.id not in self.finished]
            return tuple(sorted(open_still, key=lambda one: (one.planned, one.slot)))

    def deliveries(self, dispatch: str) -> tuple[Delivery, ...]:
        with self._transaction():
            return tuple(_shown(one) for one in self._deliveries.values() if one.dispatch == dispatch)

    def delivery(self, key: str) -> Delivery:
        with self._transaction():
            if key not in self._deliveries:
                raise StoreError(f"no delivery {key}")
            return _shown(self._deliveries[key])

    def take(self, key: str, holder: str, now: datetime, until: datetime) -> Delivery | None:
        with self._transaction():
            delivery = self._deliveries.get(key)
            if delivery is None or delivery.state in SETTLED or delivery.ready > now:
                return None
            self._holders[key] = holder
            return self._change(key, state=State.SENDING, ready=until)

    def stamp(self, key: str, holder: str, now: datetime, until: datetime) -> bool:
        with self._transaction():
            if not self._held(key, holder) or self._deliveries[key].ready <= now:
                return False
            self._change(key, attempted=now, ready=until)
            return True

    def free(self, key: str, holder: str, ready: datetime) -> None:
        with self._transaction():
            if self._held(key, holder):
                self._holders[key] = ""
                self._change(key, state=State.PENDING, attempted=None, ready=ready)

    def postpone(self, key: str, holder: str, ready: datetime) -> bool:
        with self._transaction():
            if not self._held(key, holder):
                return False
            self._holders[key] = ""
            self._change(key, ready=ready)
            return True

    def settle(  # noqa: PLR0913 - the interface's
        self, key: str, holder: str, state: State, *, channel: str = "", ts: str = "", reason: str = ""
    ) -> bool:
        assert state in SETTLED
        with self._transaction():
            if not self._held(key, holder):
                return False
            self._holders[key] = ""
            self._change(key, state=state, channel=channel, ts=ts, reason=reason, payload={})
            return True

    def drop(self, dispatch: str, reason: str) -> None:
        with self._transaction():
            for key, delivery in self._deliveries.items():
                if delivery.dispatch == dispatch and _is_unsent(delivery):
                    self._change(key, state=State.EXPIRED, reason=reason, payload={})

    def skip(self, key: str, reason: str) -> bool:
        with self._transaction():
            if not _is_unsent(self._deliveries[key]):
                return False
            self._change(key, state=State.EXPIRED, reason=reason, payload={})
            return True

    def finish(self, dispatch: str, now: datetime) -> None:
        with self._transaction():
            self.finished.setdefault(dispatch, now)

    def reserve(self, conversation: str, now: datetime, pace: timedelta) -> datetime:
        with self._transaction():
            instant = max(now, self._paces.get(conversation, now))
            self._paces[conversation] = instant + pace
            return instant

    def hold_back(self, conversation: str, until: datetime) -> None:
        with self._transaction():
            self._paces[conversation] = max(until, self._paces.get(conversation, until))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            if self.away:
                raise self.away
            yield

    def _replace_earlier(self, plan: Plan) -> None:
        """Let what is newer take the place of what is open and older."""
        edits = {(one.recipient, one.edits) for one in plan.drafts if one.part is Part.EDIT and one.edits}
        nudges = {one.recipient for one in plan.drafts if one.part is Part.NUDGE}
        for key, one in self._deliveries.items():
            if one.state in SETTLED:
                continue
            older = one.part is Part.NUDGE and one.recipient in nudges
            if older and one.attempted:
                self._change(key, replaced=True)
            elif older or (one.part is Part.EDIT and (one.recipient, self._edits[key]) in edits):
                self._holders[key] = ""
                self._change(key, state=State.EXPIRED, reason="a later one takes its place", payload={})

    def _held(self, key: str, holder: str) -> bool:
        delivery = self._deliveries.get(key)
        return delivery is not None and delivery.state is State.SENDING and self._holders[key] == holder

    def _change(self, key: str, **changes: Any) -> Delivery:
        self._deliveries[key] = replace(self._deliveries[key], **changes)
        return self._deliveries[key]


def _is_unsent(delivery: Delivery) -> bool:
    return delivery.state not in SETTLED and not delivery.attempted


def _shown(delivery: Delivery) -> Delivery:
    return replace(delivery, payload={})


@dataclass(slots=True)
class Fault:
    """What goes wrong in a step, for deliveries whose key holds `of`."""

    step: Step
    error: BaseException
    of: str = ""
    times: int = 1
    taken: bool = False
    """Whether Slack has the message all the same: its answer alone is lost."""


@dataclass(slots=True)
class FakeCarrier:
    """A `Carrier` into a Slack that remembers every message; faults are ordered with `fail`."""

    events: list[tuple[Step, str]] = field(default_factory=list)
    """What was asked, in order: the step, and the delivery's key (an edited message's timestamp)."""
    standing: dict[str, list[Sent]] = field(default_factory=dict)
    """All that Slack has, by the delivery's key: more than one is once too many."""
    payloads: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each message says now, by its timestamp."""
    hidden: set[str] = field(default_factory=set)
    """The timestamps of those that Slack has and does not show yet."""
    late: bool = False
    """Whether what is sent from now on is hidden; `show` ends it."""
    on_wire: Callable[[Delivery], None] = lambda _delivery: None
    """What happens while a message is on its way, before Slack has it."""
    on_edit: Callable[[], None] = lambda: None
    """What happens while new content is on its way."""
    _faults: list[Fault] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)
    _count: int = 0

    def fail(self, step: Step, error: BaseException, of: str = "", *, times: int = 1, taken: bool = False) -> None:
        """Let a step raise, so many times; the first fault that fits counts."""
        self._faults.append(Fault(step, error, of, times, taken))

    def show(self) -> None:
        """Show what was hidden."""
        self.hidden.clear()
        self.late = False

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        assert delivery.payload is not None
        assert (parent is None) is (delivery.part is Part.PARENT)
        self._step("prepare", delivery.key)
        if delivery.part is Part.EDIT:
            return lambda: self.edit(delivery.payload["channel"], delivery.payload["ts"], delivery.payload)
        return lambda: self._post(delivery)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[Sent, ...]:
        assert (parent is None) is (delivery.part is Part.PARENT)
        self._step("find", delivery.key)
        with self._lock:
            return tuple(sent for sent in self.standing.get(delivery.key, ()) if sent.ts not in self.hidden)

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> Sent:
        self.on_edit()
        fault = self._begin("edit", ts)
        if fault is None or fault.taken:
            self.payloads[ts] = payload
        if fault:
            raise fault.error
        return Sent(channel, ts)

    def take_back(self, delivery: Delivery, sent: Sent) -> None:
        self._step("take_back", delivery.key)
        with self._lock:
            self.standing[delivery.key] = [one for one in self.standing[delivery.key] if one != sent]

    def sent(self, part: str = "") -> list[str]:
        """Return the keys of what was put on the wire, in order, of those that hold a text."""
        return [key for step, key in self.events if step == "send" and part in key]

    def _post(self, delivery: Delivery) -> Sent:
        self.on_wire(delivery)
        fault = self._begin("send", delivery.key)
        with self._lock:
            self._count += 1
            channel = delivery.recipient.replace("U", "D", 1)
            sent = Sent(channel, f"{self._count}.000")
            if fault is None or fault.taken:
                self.standing.setdefault(delivery.key, []).append(sent)
                self.payloads[sent.ts] = delivery.payload
                self.hidden |= {sent.ts} if self.late else set()
        if fault:
            raise fault.error
        return sent

    def _step(self, step: Step, of: str) -> None:
        if fault := self._begin(step, of):
            raise fault.error

    def _begin(self, step: Step, of: str) -> Fault | None:
        """Write a step down, and return what goes wrong in it."""
        with self._lock:
            self.events.append((step, of))
            fault = next((one for one in self._faults if one.step == step and one.of in of and one.times), None)
            if fault:
                fault.times -= 1
            return fault
