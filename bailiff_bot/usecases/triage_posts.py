"""Posts what people said is not theirs into the triage channel, once a minute, and renders it again as it changes."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from secrets import token_urlsafe
from typing import Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Batch, BatchPlan, MessageKind, OutgoingMessage, Run, delivery_key
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.ownership import Disclaimer
from bailiff_bot.domain.triage import TRIAGE, TriageItem, TriageMessage, TriageState
from bailiff_bot.errors import BailiffError, SlackError
from bailiff_bot.leases import Leases
from bailiff_bot.messages.triage_message import triage_message
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.result import BatchResult
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.message_edits import MessageEdits
from bailiff_bot.usecases.offers import key_by_subject
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.triage_list import TriageList

TRIAGE_UPDATE = "triage update"
"""The kind of the batch that edits a message of triage."""
_EXPIRES_AFTER = timedelta(days=1)
"""Then an edit is given up, and the disclaimers of a message that was not sent are posted again."""
_MAX_ITEMS = 20
"""So many fit into a message with their buttons. The others are in the next one, a minute later."""

log = structlog.get_logger()


class TriageStore(Protocol):
    """Stores what is in the triage channel. Raises StoreError."""

    def encode(self, message: str, shown: Iterable[Disclaimer]) -> bytes:
        """Return which disclaimers a message shows, in the form in which a run keeps it."""
        ...

    def waiting(self, now: datetime, before: datetime) -> tuple[Disclaimer, ...]:
        """Return the disclaimers that were said before a time and count now, and that no message shows or will show."""
        ...

    def open_messages(self) -> tuple[TriageMessage, ...]:
        """Return the messages that say of a disclaimer that nobody has decided it, oldest first."""
        ...

    def message(self, key: str) -> TriageMessage | None:
        """Return a message; None if it is none of triage, or too old."""
        ...

    def mark_shown(self, states: Mapping[str, TriageState]) -> None:
        """Record what messages say became of disclaimers, by their ids."""
        ...


@dataclass(slots=True)
class TriagePosts:
    """Posts disclaimers, and renders their messages again.

    `channel` returns the id of the triage channel, or raises SlackError.
    """

    store: TriageStore
    triage: TriageList
    messages: ReportMessages
    planner: Planner
    outbox: Outbox
    leases: Leases
    channel: Callable[[], str]
    clock: Clock
    edits: MessageEdits
    _tried: datetime | None = field(default=None, init=False)
    """The minute of the last attempt."""
    _problem: str = field(default="", init=False)
    """Why the last attempt failed. It is logged once."""

    def run_due(self) -> None:
        """Post the disclaimers of earlier minutes, and render again what changed. Raises StoreError."""
        if self.triage.reports.has_snapshot:
            self._post(self.clock().astimezone(UTC).replace(second=0, microsecond=0))
            self.refresh_changed()

    def refresh_changed(self) -> None:
        """Render each message again that says something else than what is so now. Raises StoreError."""
        messages = self.store.open_messages()
        states = _states(self.triage.items(disclaimer for message in messages for disclaimer, _ in message.said))
        for message in messages:
            if any(states[disclaimer.id] != state for disclaimer, state in message.said):
                self._refresh(message.key)

    def _post(self, minute: datetime) -> None:
        """Post once a minute: the minute is the slot, so that of several replicas one posts."""
        if minute == self._tried or not self._waiting(minute):
            return
        self._tried = minute
        channel = self._usable_channel()
        if not channel:
            return
        with self.leases.hold(TRIAGE) as acquired:
            batch = self._plan(minute, channel) if acquired else None
        if batch:
            self.outbox.submit(batch).add_done_callback(self._note_result)

    def _usable_channel(self) -> str:
        """Return the id of the channel; empty if it cannot be used, which is logged once."""
        try:
            return self.channel()
        except SlackError as error:
            self._note_problem(str(error))
            return ""

    def _note_result(self, sending: Future[BatchResult]) -> None:
        try:
            sending.result().raise_for_parent()
        except BailiffError as error:  # what Slack refused is posted again, in another message
            self._note_problem(str(error))
        else:
            self._problem = ""

    def _note_problem(self, problem: str) -> None:
        """Log why nothing could be posted, unless that is known."""
        if problem != self._problem:
            log.error("triage.not_posted", reason=problem)
        self._problem = problem

    def _waiting(self, minute: datetime) -> tuple[TriageItem, ...]:
        """Return the first disclaimers to post: all of a subject, or none."""
        waiting = self.store.waiting(self.clock(), minute)
        items = [item for item in self.triage.items(waiting) if item.state is TriageState.OPEN] if waiting else []
        subjects = set(islice(dict.fromkeys(item.disclaimer.subject for item in items), _MAX_ITEMS))
        return tuple(item for item in items if item.disclaimer.subject in subjects)

    def _plan(self, minute: datetime, channel: str) -> Batch | None:
        """Save the plan of a message. Returns None if another replica planned it, or what it would show."""
        slot = f"{minute:%Y-%m-%dT%H:%M} {TRIAGE}"
        batch = self.planner.scheduled_batch(TRIAGE, slot, channel, self.clock() + _EXPIRES_AFTER)
        items = self._waiting(minute)  # again, under the lease
        if not items or not self.leases.still_held(TRIAGE):
            return None
        message = self._message(items, MessageKind.PARENT, channel, TRIAGE, "")
        key = delivery_key(batch, message.name, channel)
        run = Run(batch.id, batch.planned_at, self.store.encode(key, (item.disclaimer for item in items)))
        return batch if self.planner.save(BatchPlan(batch, (message,), run)) else None

    def _message(
        self, items: tuple[TriageItem, ...], kind: MessageKind, channel: str, name: str, key: str
    ) -> OutgoingMessage:
        """Return the message about disclaimers. `key` is that of its delivery; empty if it is not planned yet."""
        unowned = {one.disclaimer.subject: one.disclaimer for one in items if one.state is TriageState.OPEN}
        offers = tuple(
            Offer(token_urlsafe(16), one.subject, one.title, channel, key, self.clock()) for one in unowned.values()
        )
        report = self.triage.reports.stored()
        document = triage_message(items, report, self.messages.zone, key_by_subject(offers))
        return replace(self.messages.message(kind, channel, name, document), offers=offers)

    def _refresh(self, key: str) -> None:
        self.edits.edit(key, partial(self._plan_edit, key))

    def _plan_edit(self, key: str) -> Batch | None:
        """Save the plan of a message's new content, and what it says then."""
        message = self.store.message(key)
        if message is None:
            return None
        items = self.triage.items(disclaimer for disclaimer, _ in message.said)
        batch = self._save_edit(message, items) if message.ts else None
        self.store.mark_shown(_states(items))
        return batch

    def _save_edit(self, message: TriageMessage, items: tuple[TriageItem, ...]) -> Batch | None:
        batch = self.planner.unscheduled_batch(TRIAGE_UPDATE, message.channel)
        batch = replace(batch, expires_at=batch.planned_at + _EXPIRES_AFTER)
        edit = self._message(items, MessageKind.EDIT, message.channel, f"edit {message.ts}", message.key)
        payload = {**edit.payload, "channel": message.channel, "ts": message.ts}
        plan = BatchPlan(batch, (replace(edit, payload=payload, edited_ts=message.ts),))
        return batch if self.planner.save(plan) else None


def _states(items: Iterable[TriageItem]) -> Mapping[str, TriageState]:
    return {item.disclaimer.id: item.state for item in items}
