"""The messages of a digest in its channel, ready to be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bailiff_bot.domain.delivery import Delivery, MessageKind, OutgoingMessage
from bailiff_bot.domain.digest import DELIVERY_SUMMARY, PREVIEW, Digest
from bailiff_bot.messages.delivery_summary import SUMMARY_LABEL, before_nudges, delivery_summary, final_summary
from bailiff_bot.messages.document import Payload
from bailiff_bot.messages.summary import digest_summary
from bailiff_bot.messages.wording import all_is_well
from bailiff_bot.usecases.report_messages import ReportMessages


@dataclass(frozen=True, slots=True)
class DigestMessages:
    """Makes the messages of digests in the channel."""

    messages: ReportMessages

    def digest(self, digest: Digest, recipient: str) -> tuple[tuple[OutgoingMessage, ...], Mapping[str, Any]]:
        """Return the parent and its thread, and the delivery summary as JSON for `finalize`; empty if there is none."""
        report, zone = digest.report, self.messages.zone
        parent = self.messages.parent(recipient, digest_summary(digest, zone))
        owners = delivery_summary(digest, zone)
        if (
            all_is_well(report)
            and digest.nudges != PREVIEW
            and not (owners.settled or digest.extended or digest.old_images)
        ):
            return (parent,), {}
        reply = self.messages.message(MessageKind.REPLY, recipient, DELIVERY_SUMMARY, before_nudges(owners))
        thread = (*self.messages.tables(report, recipient), replace(reply, label=SUMMARY_LABEL))
        return (parent, *thread, self.messages.file(report, recipient)), owners.to_json()

    def finalize(self, context: Mapping[str, Any], deliveries: Iterable[Delivery]) -> Payload | None:
        """Return the final delivery summary; None if the one that was sent is still right.

        `deliveries` are those of the batch. All of them are settled.
        """
        document = final_summary(context, deliveries)
        return self.messages.render(document) if document else None
