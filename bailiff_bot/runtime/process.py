"""The bot's process: starts its parts in order, runs until a signal, and stops them in reverse order."""

import signal
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import FrameType

import structlog

from bailiff_bot.runtime.parts import Part

_SIGNAL_POLL_SECONDS = 0.5
"""How often the main thread checks for a stop. A signal just before a wait without timeout would not end the wait."""
_DRAIN_SECONDS = 8.0
"""How long all parts together may take to stop. Docker kills after ten seconds; the next start sends what is left."""
_LAST_SECONDS = 1.0
"""How long a part may take to stop if the others have used up the time. Leases that are not released expire."""

_SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter while others wait for it; Python's default is ten times as long. An
acknowledgement passes through several threads, and during a scan each of them waits for those that parse and judge."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BotProcess:
    """The running bot. `stopping` ends it, and all waiting work."""

    parts: tuple[Part, ...]
    """In the order in which they start."""
    stopping: threading.Event

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises BailiffError if a part cannot start."""
        _stop_on_signal(self.stopping)
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.serve()

    def serve(self) -> None:
        """Serve until `stopping` is set. If a part cannot start, stop those that have started."""
        started: list[Part] = []
        try:
            for part in self.parts:
                part.start()
                started.append(part)
            while not self.stopping.wait(_SIGNAL_POLL_SECONDS):
                pass
        finally:
            log.info("bot.stopping")
            self.stopping.set()
            _stop_all(reversed(started))


def _stop_all(parts: Iterable[Part]) -> None:
    deadline = time.monotonic() + _DRAIN_SECONDS
    for part in parts:
        seconds = max(deadline - time.monotonic(), _LAST_SECONDS)
        if not _finishes_within(part, seconds):
            log.warning("shutdown.timed_out", part=part.name, seconds=round(seconds, 1))


def _finishes_within(part: Part, seconds: float) -> bool:
    """Stop a part in a thread, and return True if it ends in time: orchestrators kill a process that stops slowly."""
    thread = threading.Thread(target=_stop, args=(part,), name=f"stop {part.name}", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


def _stop(part: Part) -> None:
    try:
        part.stop()
    except Exception:
        log.exception("shutdown.failed", part=part.name)


def _stop_on_signal(stop: threading.Event) -> None:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        # In another thread: the interrupted one may hold the locks of the event or of the log.
        threading.Thread(target=_request_stop, args=(stop, signal.Signals(number).name), daemon=True).start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)


def _request_stop(stop: threading.Event, name: str) -> None:
    log.info("signal.received", signal=name)
    stop.set()
