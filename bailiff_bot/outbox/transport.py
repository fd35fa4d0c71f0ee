"""The interface of what carries a single delivery into Slack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Semaphore
from typing import Any, Protocol

from bailiff_bot.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message stands in Slack."""

    channel: str
    ts: str
    """A message's timestamp; a file's id."""


Send = Callable[[], Sent]
"""Puts one message on the wire, once. Raises NotNow or Refused when Slack does not have it, Ambiguous when it may."""


class Carrier(Protocol):
    """What carries a single delivery."""

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Do all that can be done twice without harm, and return what sends it; raises SlackError."""
        ...

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[Sent, ...]:
        """Look in Slack for a delivery that may have arrived, the first to arrive first.

        More than one is found where a process died that had overtaken one which slept in mid-sending. Raises SlackError
        when Slack does not tell.
        """
        ...

    def edit(self, channel: str, ts: str, payload: Mapping[str, Any]) -> Sent:
        """Put new content into a message; raises SlackError."""
        ...

    def take_back(self, delivery: Delivery, sent: Sent) -> None:
        """Delete a message that was sent though somebody else had sent it too; raises SlackError."""
        ...


@dataclass(frozen=True, slots=True)
class Polite:
    """A carrier that waits for one of a few permits at each call; who waits for something else holds none.

    What `prepare` returns waits for none: who sends has a permit first, since a lease runs from the stamp on.
    """

    carrier: Carrier
    permits: Semaphore

    def prepare(self, delivery: Delivery, parent: Delivery | None) -> Send:
        """Do what the carrier does."""
        with self.permits:
            return self.carrier.prepare(delivery, parent)

    def find(self, delivery: Delivery, parent: Delivery | None) -> tuple[Sent, ...]:
        """Do what the carrier does."""
        with self.permits:
            return self.carrier.find(delivery, parent)

    def take_back(self, delivery: Delivery, sent: Sent) -> None:
        """Do what the carrier does."""
        with self.permits:
            self.carrier.take_back(delivery, sent)
