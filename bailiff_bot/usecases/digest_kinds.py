"""What the outbox does with the batches of a digest, besides sending them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bailiff_bot.domain.delivery import Batch, Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.digest import DELIVERY_SUMMARY, MANUAL_DIGEST, PREVIEW_DIGEST, SCHEDULED_DIGEST, copied_from
from bailiff_bot.outbox.batch_kind import BatchKind, Edit

FinalSummary = Callable[[Mapping[str, Any], tuple[Delivery, ...]], Mapping[str, Any] | None]
"""Returns the final payload of the delivery summary, from the batch's context and its settled deliveries.

Returns None if the summary is already correct.
"""


def digest_kinds(
    check_channel: Callable[[str], object],
    nudges: str,
    final_summary: FinalSummary,
    acts_for: Callable[[str, str], bool],
) -> Mapping[str, BatchKind]:
    """Return the kinds of a digest's batches.

    `check_channel` raises SlackError if a digest must not be posted in a channel any more. `nudges` is `on`, `dry-run`
    or `off`: if it is not `on`, nudges that were planned earlier expire. `acts_for` returns True if a user is the
    delegate of another: else a copy that was planned earlier expires.
    """

    def guard(batch: Batch) -> None:
        check_channel(batch.recipient)

    def unwanted(delivery: Delivery) -> str:
        if delivery.kind is not MessageKind.DIRECT:
            return ""
        if nudges != "on":
            return f"BAILIFF_NUDGES is {nudges}"
        owner_id = copied_from(delivery.name)
        return "" if not owner_id or acts_for(delivery.recipient, owner_id) else "the delegation has ended"

    def finalize(batch: Batch, deliveries: tuple[Delivery, ...]) -> Iterator[Edit]:
        for delivery in deliveries:
            if delivery.name == DELIVERY_SUMMARY and delivery.state is DeliveryState.SENT:
                payload = final_summary(batch.context, deliveries)
                if payload:
                    yield delivery, payload

    digest, preview = BatchKind(guard, unwanted, finalize), BatchKind(finalize=finalize)
    return {SCHEDULED_DIGEST: digest, MANUAL_DIGEST: digest, PREVIEW_DIGEST: preview}
