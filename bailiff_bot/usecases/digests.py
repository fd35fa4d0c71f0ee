"""The use cases that send a digest: on schedule, from the command line, or as a preview."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Batch, BatchPlan, DeliveryState
from bailiff_bot.domain.digest import (
    DIGEST_KINDS,
    MANUAL_DIGEST,
    NUDGE,
    PREVIEW,
    PREVIEW_DIGEST,
    SCHEDULED_DIGEST,
    Digest,
)
from bailiff_bot.errors import SlackError
from bailiff_bot.leases import Leases
from bailiff_bot.messages.delivery_problems import delivery_problem, summary_problem
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.result import BatchResult
from bailiff_bot.usecases.batches import Planner, then
from bailiff_bot.usecases.digest_messages import DigestMessages
from bailiff_bot.usecases.new_digest import NewDigests
from bailiff_bot.usecases.nudge_messages import NudgeMessages

_LEASE = "digest"
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class DigestResult:
    """The result of sending a digest."""

    digest: Digest
    notified: int
    """The number of owners who were notified."""
    problems: tuple[str, ...]
    """One line for each message that was not sent and each owner who was not notified, with the reason."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Plans digests and previews, and hands them to the outbox.

    `channel` returns the id of the digest's channel, or raises Refused. `pause` waits for a number of seconds and
    returns True if the process is stopping.
    """

    new_digests: NewDigests
    messages: DigestMessages
    nudge_messages: NudgeMessages
    planner: Planner
    outbox: Outbox
    leases: Leases
    channel: Callable[[], str]
    clock: Clock
    pause: Callable[[float], bool]
    nudges: str
    """`on`, `dry-run` or `off`."""
    refresh_since: Callable[[datetime], None]
    """Renders again the direct messages in which something was done from a time on."""

    def send_scheduled(self, slot: str, expires_at: datetime) -> Future[DigestResult] | None:
        """Plan the digest of a slot. Returns None if another replica plans it or has planned it.

        Messages that are not sent by `expires_at` expire. The future has a SlackError if the digest does not arrive.
        """
        batch = self.planner.scheduled_batch(SCHEDULED_DIGEST, slot, self.channel(), expires_at)
        with self.leases.hold(_LEASE) as acquired:
            # Another replica may have held the lease before, and planned this slot.
            planned = self._plan(batch) if acquired and not self.planner.has_slot(slot) else None
        return self._send(*planned) if planned else None

    def send_now(self) -> Future[DigestResult]:
        """Plan a digest now, after any digest that is being planned.

        The future has a SlackError if the digest does not arrive.
        """
        channel = self.channel()
        while True:
            with self.leases.hold(_LEASE) as acquired:
                planned = self._plan(self.planner.unscheduled_batch(MANUAL_DIGEST, channel)) if acquired else None
            if planned:
                return self._send(*planned)
            if self.pause(_POLL_SECONDS):
                raise SlackError("The digest was not sent: Bailiff is stopping.")

    def send_preview(self, user: str) -> Future[DigestResult]:
        """Plan a whole digest for one person. It notifies no owner and leaves no history."""
        planned = self._plan(self.planner.unscheduled_batch(PREVIEW_DIGEST, user))
        if planned is None:
            raise SlackError("The preview was not sent: another was planned at the same instant. Send it again.")
        return self._send(*planned)

    def _plan(self, batch: Batch) -> tuple[Batch, Digest] | None:
        """Scan, and save a plan of all messages. Returns None if another process has the slot or the lease."""
        is_digest, begun_at = batch.kind in DIGEST_KINDS, self.clock()
        digest = self.new_digests.make(self.nudges if is_digest else PREVIEW, batch.planned_at)
        messages, context = self.messages.digest(digest, batch.recipient)
        batch = replace(batch, context=context)
        if self.clock() >= batch.expires_at:
            raise SlackError(f"The digest of {batch.slot} was not sent: the scan took too long.")
        if is_digest:
            direct_messages = self.nudge_messages.of_digest(digest)
            plan = BatchPlan(batch, (*messages, *direct_messages), self.new_digests.run(batch, digest))
        else:
            plan = BatchPlan(batch, messages)
        if is_digest and not self.leases.still_held(_LEASE):
            return None  # another process may have planned a digest in the meantime, for the same owners
        if not self.planner.save(plan):
            return None
        self.refresh_since(begun_at)
        return batch, digest

    def _send(self, batch: Batch, digest: Digest) -> Future[DigestResult]:
        return then(self.outbox.submit(batch), partial(_digest_result, digest))


def _digest_result(digest: Digest, result: BatchResult) -> DigestResult:
    """Return the result of a digest. Raises SlackError if its parent was not sent."""
    result.raise_for_parent()
    notified = sum(one.name == NUDGE and one.state is DeliveryState.SENT for one in result.deliveries)
    lookups_failed = (one for one in digest.unassigned if one.lookup_failed)
    failed_lookups = (f"{one.owner_label} was not notified: {one.reason}" for one in lookups_failed)
    unsent = map(delivery_problem, result.unsent)
    unfinished = (summary_problem(result.edit_error),) if result.edit_error else ()
    return DigestResult(digest, notified, (*failed_lookups, *unsent, *unfinished))
