"""Bots as processes: started by a zygote, watched and struck by a handle that no other process can have."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

Found = TypeVar("Found")
ROOT = Path(__file__).parents[2]
_LOOK_EVERY = 0.04


class TimedOut(AssertionError):  # noqa: N818 - what it was
    """Something did not come in time."""


def wait_until(probe: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Look until there is something to see, and return it; raises TooLong."""
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise TimedOut(f"not within {seconds:g} s: {what}")
        time.sleep(_LOOK_EVERY)
    return found


@dataclass(frozen=True, slots=True)
class BotHandle:
    """A bot."""

    pid: int
    pidfd: int
    """The kernel's own, which stays this process's however soon its number is used again."""
    log: Path

    @property
    def dead(self) -> bool:
        """Whether it has ended."""
        return bool(select.select([self.pidfd], [], [], 0)[0])

    @property
    def stopped(self) -> bool:
        """Whether a SIGSTOP holds it."""
        with suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def wait(self, seconds: float) -> None:
        """Wait for its end; raises TooLong."""
        wait_until(lambda: self.dead, seconds, f"the end of the bot that logs into {self.log}")

    def close(self) -> None:
        """End it, and let its handle go."""
        self.kill()
        os.close(self.pidfd)


class ForkServer:
    """A context manager: the process that bots are forked from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.torture.fork_server"]
        pipe = subprocess.PIPE
        # In a session of its own, so that a Ctrl-C reaches only who gives it orders.
        self._process = subprocess.Popen(  # noqa: S603 - our own
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, start_new_session=True
        )
        self._ask()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # and the kernel kills its bots
        self._process.communicate()

    def start_bot(self, environment: Mapping[str, str], folder: Path, *, fork: bool = True) -> BotHandle:
        """Start a bot; without `fork` it is a new interpreter, as in real life."""
        log = folder / "bot.log"
        order = {"environment": dict(environment), "folder": str(folder), "log": str(log), "fork": fork}
        with self._lock:
            pid = int(self._ask(json.dumps(order)))
            return BotHandle(pid, os.pidfd_open(pid), log)

    def _ask(self, order: str = "") -> str:
        assert self._process.stdin
        assert self._process.stdout
        if order:
            self._process.stdin.write(f"{order}\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the zygote has ended"
        return answer
