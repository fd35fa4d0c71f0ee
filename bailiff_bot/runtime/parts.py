"""The parts of the bot's process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bailiff_bot.errors import BailiffError

log = structlog.get_logger()


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the process. It is stopped only if `start` ended without an error."""

    name: str
    start: Callable[[], object] = _nothing
    """Raises BailiffError if the process cannot run without this part."""
    stop: Callable[[], object] = _nothing


def check_channel(channel: Callable[[], str] | None) -> None:
    """Log an error if the digest's channel cannot be used, long before the digest is due. None: there is no digest."""
    if channel is None:
        log.warning("digest.disabled", reason="BAILIFF_CHANNEL is not set")
        return
    try:
        channel()
    except BailiffError as error:
        log.error("digest.channel_unreachable", reason=str(error))


def announce(nudges: str, next_slot: datetime | None, scanned_at: datetime | None) -> None:
    """Log that the bot has started."""
    last_scan = None if scanned_at is None else str(scanned_at)
    log.info("bot.started", nudges=nudges, next_digest=str(next_slot), last_scan=last_scan)
