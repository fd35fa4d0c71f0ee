"""The interface that sends one delivery to Slack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Semaphore
from typing import Any, Protocol

from bailiff_bot.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message is in Slack."""

    channel: str
    ts: str
    """A message's timestamp, or a file's id."""


Send = Callable[[], MessageRef]
"""Sends one message, once.

Raises NotAcceptedYet or Refused if Slack does not have the message, and Ambiguous if Slack may have it.
"""


class Transport(Protocol):
    """Sends a delivery to Slack, and finds it there."""

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Do everything that is safe to repeat, and return the call that sends the message. Raises SlackError."""
        ...

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[MessageRef, ...]:
        """Return the messages of a delivery in Slack, oldest first.

        There can be more than one: a process can pause while it sends, so that its lease ends. Another process sends
        the message again. If that process dies, nobody has deleted the duplicate yet. Raises SlackError if Slack does
        not answer.
        """
        ...

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> MessageRef:
        """Replace the content of a message. Raises SlackError."""
        ...

    def delete(self, delivery: Delivery, message: MessageRef) -> None:
        """Delete a duplicate of a delivery. Raises SlackError."""
        ...


@dataclass(frozen=True, slots=True)
class LimitedTransport:
    """A transport with a limit on parallel calls: each call holds one of a few permits.

    The call that `prepare` returns takes no permit. Its caller takes the permit before it marks the delivery as
    attempted, because the lease starts then.
    """

    transport: Transport
    permits: Semaphore

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Call `Transport.prepare` with a permit."""
        with self.permits:
            return self.transport.prepare(delivery, parent)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[MessageRef, ...]:
        """Call `Transport.find` with a permit."""
        with self.permits:
            return self.transport.find(delivery, parent)

    def delete(self, delivery: Delivery, message: MessageRef) -> None:
        """Call `Transport.delete` with a permit."""
        with self.permits:
            self.transport.delete(delivery, message)
