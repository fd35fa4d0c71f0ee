"""Posts into the triage channel that a deletion was asked for, and what came of it, each once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Protocol

import structlog

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.deletion import Deletion, DeletionStage
from bailiff_bot.domain.delivery import BatchPlan, MessageKind, OutgoingMessage
from bailiff_bot.errors import SlackError
from bailiff_bot.messages.deletion_post import deletion_asked, deletion_over
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.report_messages import ReportMessages

DELETION_POST = "deletion"
"""The kind of the batch."""
_POSTED_WITHIN = timedelta(days=2)
"""A deletion that changed longer ago is not posted any more: the channel could not be used."""
_EXPIRES_AFTER = timedelta(days=1)

log = structlog.get_logger()


class DeletionReader(Protocol):
    """Finds deletions. Raises StoreError."""

    def changed_since(self, at: datetime) -> tuple[Deletion, ...]:
        """Return the deletions that are not over, or came into their stage from `at` on."""
        ...


@dataclass(frozen=True, slots=True)
class DeletionPosts:
    """Posts about deletions."""

    store: DeletionReader
    messages: ReportMessages
    planner: Planner
    outbox: Outbox
    channel: Callable[[], str] | None
    """Returns the id of the triage channel, or raises SlackError. None: there is no such channel."""
    clock: Clock

    def run_due(self) -> None:
        """Post what is not posted yet. Raises StoreError."""
        if self.channel is None:
            return
        changed = self.store.changed_since(self.clock() - _POSTED_WITHIN)
        waiting = [one for one in changed if not self.planner.has_slot(_slot(one))]
        if not waiting:
            return
        try:
            channel = self.channel()
        except SlackError as error:
            log.error("deletion.not_posted", reason=str(error))
            return
        for deletion in waiting:
            self._post(deletion, channel)

    def _post(self, deletion: Deletion, channel: str) -> None:
        expires = self.clock() + _EXPIRES_AFTER
        batch = self.planner.scheduled_batch(DELETION_POST, _slot(deletion), channel, expires)
        plan = BatchPlan(batch, (self._message(deletion, channel),))
        if self.planner.save(plan):  # else another replica posts it
            self.outbox.submit(batch)

    def _message(self, deletion: Deletion, channel: str) -> OutgoingMessage:
        zone, result = self.messages.zone, deletion.result
        if deletion.stage is DeletionStage.OVER:
            return self.messages.message(MessageKind.PARENT, channel, DELETION_POST, deletion_over(result, zone))
        offer = replace(
            result.offer,
            key=token_urlsafe(16),
            recipient=channel,
            message="",  # the plan names it
            at=self.clock(),
            made_id=deletion.id,
            query="",
        )
        document = deletion_asked(result, offer.key, zone)
        return replace(self.messages.message(MessageKind.PARENT, channel, DELETION_POST, document), offers=(offer,))


def _slot(deletion: Deletion) -> str:
    """Return the slot of a message about a deletion: one when it is asked for, one when it is over."""
    phase = "over" if deletion.stage is DeletionStage.OVER else "asked for"
    return f"deletion {deletion.id} {phase}"
