"""The direct messages that remind of the end of an exemption: new ones, and their content after a click."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.clock import Clock
from bailiff_bot.domain.delivery import Delivery, MessageKind, OutgoingMessage
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.report import Row
from bailiff_bot.messages.exemption_reminder import answered_reminder, exemption_reminder, reminder_label
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.usecases.offers import Offers, done_actions
from bailiff_bot.usecases.report_messages import ReportMessages
from bailiff_bot.usecases.stores import ExemptionReader

EXEMPTION_REMINDER = "exemption reminder"
"""The kind of the batch. Its slot begins with it, and then has the id of the exemption."""


class ResultStore(Protocol):
    """Stores what came of clicks. Raises StoreError."""

    def of_message(self, message: str) -> tuple[ActionResult, ...]:
        """Return what was done in a message, in the order of time."""
        ...


class DeliveryReader(Protocol):
    """Finds deliveries. Raises StoreError."""

    def delivery(self, key: str) -> Delivery:
        """Return the delivery with this key."""
        ...


def reminder_slot(exemption_id: str, user_id: str = "") -> str:
    """Return the slot of a reminder; of one that is sent to a further user, with the user's id."""
    return " ".join(filter(None, (EXEMPTION_REMINDER, exemption_id, user_id)))


def is_reminder(message: str) -> bool:
    """Return True if the direct message with this key is a reminder."""
    return message.startswith(f"{EXEMPTION_REMINDER} ")


def _exemption_id(message: str) -> str:
    slot = message.partition("/")[0]
    return slot.removeprefix(f"{EXEMPTION_REMINDER} ").partition(" ")[0]


def reminder_kind(nudges: str, exemptions: ExemptionReader, clock: Clock) -> BatchKind:
    """Return the kind of the batch. A reminder that waits is not sent any more once the exemption is over."""

    def unwanted(delivery: Delivery) -> str:
        grant = exemptions.get(_exemption_id(delivery.key))
        if grant is None or grant.until <= clock():
            return "the exemption is over"
        return "" if nudges == "on" else f"BAILIFF_NUDGES is {nudges}"

    return BatchKind(unwanted=unwanted)


@dataclass(frozen=True, slots=True)
class ReminderMessages:
    """Makes reminders, and says in them what was done."""

    messages: ReportMessages
    offers: Offers
    exemptions: ExemptionReader
    results: ResultStore
    deliveries: DeliveryReader
    account_count: Callable[[], int]
    """Returns how many accounts are scanned. Messages name accounts if there are two or more."""

    def reminder(self, grant: Grant, row: Row, user_id: str) -> OutgoingMessage:
        """Return the reminder for a user."""
        offers = self.offers.make((row,), user_id, "")
        keep_key = offers[0].key if offers else ""
        document = exemption_reminder(row, grant, self.messages.zone, self.account_count(), keep_key)
        message = self.messages.message(MessageKind.PARENT, user_id, f"reminder {grant.id}", document)
        return replace(message, label=reminder_label(row), offers=offers)

    def update(self, message: str, recipient: str) -> OutgoingMessage | None:
        """Return the new content of the reminder with this key; None if nothing was done in it. Raises StoreError."""
        grant, results = self.exemptions.get(_exemption_id(message)), self.results.of_message(message)
        sent = self.deliveries.delivery(message) if results and grant else None
        if grant is None or sent is None or not sent.ts:
            return None
        undo, latest = self.offers.undo(results, recipient, message), results[-1]
        again = self.offers.again(latest.offer) if latest.action is Action.UNDO else ()
        done, keep_key = done_actions(results, undo), again[0].key if again else ""
        document = answered_reminder(latest.offer.title, grant, self.messages.zone, done, keep_key)
        return OutgoingMessage(
            MessageKind.EDIT,
            recipient,
            name=f"edit {sent.ts}",
            label=f"The update of: {sent.label}",
            payload={**self.messages.render(document), "channel": sent.channel, "ts": sent.ts},
            edited_ts=sent.ts,
            offers=(*again, *undo),
        )
