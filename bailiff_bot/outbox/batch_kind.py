"""What is done with the batches of one kind, besides sending them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bailiff_bot.domain.delivery import Batch, Delivery

Edit = tuple[Delivery, Mapping[str, Any]]
"""A delivery that was sent, and the payload that replaces its content."""


def _always(_batch: Batch) -> None:
    """Allow it."""


def _wanted(_delivery: Delivery) -> str:
    return ""


def _nothing(_batch: Batch, _deliveries: tuple[Delivery, ...]) -> Iterable[Edit]:
    return ()


@dataclass(frozen=True, slots=True)
class BatchKind:
    """The hooks of a kind. By default a batch is sent, and that is all."""

    guard: Callable[[Batch], object] = _always
    """Raises SlackError if the batch must not be posted any more where it was planned. Called before a batch is resumed
    and before its messages are edited."""
    unwanted: Callable[[Delivery], str] = _wanted
    """Returns why an unsettled delivery of a batch that is resumed should not be sent any more; empty if it should."""
    finalize: Callable[[Batch, tuple[Delivery, ...]], Iterable[Edit]] = _nothing
    """Returns which messages to edit once all deliveries are settled. It is safe to repeat."""
