"""The interface of what carries a single delivery into Slack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Semaphore
from typing import Any, Protocol

from bailiff_bot.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message stands in Slack."""

    channel: str
    ts: str
    """A message's timestamp; a file's id."""


Send = Callable[[], MessageRef]
"""Puts one message on the wire, once. Raises NotNow or Refused when Slack does not have it, Ambiguous when it may."""


class Transport(Protocol):
    """What carries a single delivery."""

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Do all that can be done twice without harm, and return what sends it; raises SlackError."""
        ...

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[MessageRef, ...]:
        """Look in Slack for a delivery that may have arrived, the first to arrive first.

        More than one is found where a process died that had overtaken one which slept in mid-sending. Raises SlackError
        when Slack does not tell.
        """
        ...

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> MessageRef:
        """Put new content into a message; raises SlackError."""
        ...

    def delete(self, delivery: Delivery, message: MessageRef) -> None:
        """Delete a message that was sent though somebody else had sent it too; raises SlackError."""
        ...


@dataclass(frozen=True, slots=True)
class LimitedTransport:
    """A carrier that waits for one of a few permits at each call; who waits for something else holds none.

    What `prepare` returns waits for none: who sends has a permit first, since a lease runs from the stamp on.
    """

    transport: Transport
    permits: Semaphore

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Do what the carrier does."""
        with self.permits:
            return self.transport.prepare(delivery, parent)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[MessageRef, ...]:
        """Do what the carrier does."""
        with self.permits:
            return self.transport.find(delivery, parent)

    def delete(self, delivery: Delivery, message: MessageRef) -> None:
        """Do what the carrier does."""
        with self.permits:
            self.transport.delete(delivery, message)
