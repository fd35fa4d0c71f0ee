"""Edits messages that Slack has: one edit at a time for each message, across processes."""

from collections.abc import Callable
from dataclasses import dataclass

from bailiff_bot.domain.delivery import Batch
from bailiff_bot.leases import Leases
from bailiff_bot.outbox.outbox import Outbox

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class MessageEdits:
    """Plans edits under a lease of the message, so that no older content follows a newer one."""

    leases: Leases
    outbox: Outbox
    pause: Callable[[float], bool]
    """Waits for a number of seconds. Returns True if the process is stopping."""

    def edit(self, key: str, plan: Callable[[], Batch | None]) -> None:
        """Save the plan of the new content of the message with this key, and hand it to the outbox.

        `plan` returns None if there is nothing to edit. It is not called if the process is stopping. Raises StoreError.
        """
        while True:
            with self.leases.hold(f"message {key}") as acquired:
                batch = plan() if acquired else None
            if batch:
                self.outbox.submit(batch)
            if acquired or self.pause(_POLL_SECONDS):
                return
