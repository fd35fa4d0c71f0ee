"""Which owners of a digest are notified, as a value.

It is stored as JSON with the batch, because another process may make its final version after a crash.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bailiff_bot.domain.delivery import Delivery, DeliveryState, MessageKind
from bailiff_bot.domain.digest import copied_from

_STORED_KEYS = {
    "notified": "told",
    "already_notified": "quiet",
    "not_notified": "untold",
    "uncertain": "unknown",
    "unassigned": "unclaimed",
    "on_hold": "waiting",
    "not_delivered": "missing",
    "small_print": "closing",
}
"""Fields whose JSON key in the database differs from their name. Another version of Bailiff may finish a batch."""


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """All owners of a digest, one line each, by whether they are notified."""

    mode: str = ""
    """`on`, `dry-run` or `off` (BAILIFF_NUDGES), or `preview`. Another version of Bailiff may store others."""
    notified: tuple[str, ...] = ()
    """Owners who are notified or, depending on `mode`, would be."""
    already_notified: tuple[str, ...] = ()
    """Owners who were notified earlier and have no new finding."""
    not_notified: tuple[str, ...] = ()
    """Owners who could not be notified, with the reason."""
    uncertain: tuple[str, ...] = ()
    """Owners of whom it is unknown whether the nudge arrived."""
    unassigned: tuple[str, ...] = ()
    """Flagged instances without an owner, with the step at which the search failed."""
    on_hold: str = ""
    """Why the counts are not plausible, so that nobody is notified for now; empty if they are."""
    not_delivered: tuple[str, ...] = ()
    """Messages that did not arrive in the digest's thread, with the reason."""
    extended: tuple[str, ...] = ()
    """Exemptions that were extended since the last digest, and not for the first time."""
    old_images: tuple[str, ...] = ()
    """Images of deleted instances that are older than the team wants to keep them."""
    settled: str = ""
    """What was settled since the last digest, and by whom, as text without a full stop; empty if nothing was."""
    small_print: tuple[str, ...] = ()
    """The lines of the small print at the end."""

    def to_json(self) -> dict[str, Any]:
        """Return the summary as JSON, for the database."""
        return {
            _STORED_KEYS.get(name, name): list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "DeliverySummary":
        """Return the summary that `to_json` stored. Ignores unknown keys, which another version may have stored."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            value = stored.get(_STORED_KEYS.get(field.name, field.name))
            if isinstance(field.default, str) and isinstance(value, str):
                values[field.name] = value
            elif isinstance(field.default, tuple) and isinstance(value, list | tuple):
                values[field.name] = tuple(map(str, value))
        return cls(**values)


def with_results(summary: DeliverySummary, deliveries: Iterable[Delivery]) -> DeliverySummary:
    """Return the summary of a batch of which all `deliveries` are settled.

    If there are no nudges among them, the owners stay as they are.
    """
    sent_or_unknown = {DeliveryState.SENT, DeliveryState.UNKNOWN}
    settled = tuple(deliveries)
    nudges = [one for one in settled if one.kind is MessageKind.DIRECT and not copied_from(one.name)]
    thread = [delivery for delivery in settled if delivery.kind not in {MessageKind.DIRECT, MessageKind.EDIT}]
    not_delivered = tuple(_with_reason(one) for one in thread if one.state is not DeliveryState.SENT)
    if not nudges:
        return replace(summary, not_delivered=not_delivered)
    return replace(
        summary,
        notified=tuple(nudge.label for nudge in nudges if nudge.state is DeliveryState.SENT),
        not_notified=tuple(_with_reason(nudge) for nudge in nudges if nudge.state not in sent_or_unknown),
        uncertain=tuple(_with_reason(nudge) for nudge in nudges if nudge.state is DeliveryState.UNKNOWN),
        not_delivered=not_delivered,
    )


def _with_reason(delivery: Delivery) -> str:
    return f"{delivery.label}: {delivery.reason}"
