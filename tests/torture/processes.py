"""Bots as processes: a fork server starts them, and a handle observes and signals them."""

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
_POLL_INTERVAL = 0.04


class TimedOut(AssertionError):  # noqa: N818 - it names what happened
    """Something did not happen in time."""


def wait_until(probe: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Call `probe` until it returns something true, and return that. Raises TimedOut after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := probe()):
        if time.monotonic() > deadline:
            raise TimedOut(f"not within {seconds:g} s: {what}")
        time.sleep(_POLL_INTERVAL)
    return found


@dataclass(frozen=True, slots=True)
class BotHandle:
    """A running or ended bot process."""

    pid: int
    pidfd: int
    """The kernel's handle. It means this process even when its pid is used again."""
    log: Path

    @property
    def dead(self) -> bool:
        """Whether the process has ended."""
        poll = select.poll()  # select() refuses handles from 1,024 on, which many killed bots reach
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(0))

    @property
    def stopped(self) -> bool:
        """Whether a SIGSTOP has stopped the process."""
        with suppress(OSError):
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def kill(self) -> None:
        """Send SIGKILL, and wait until the process has ended."""
        self.send(signal.SIGKILL)
        self.wait(10)

    def wait(self, seconds: float) -> None:
        """Wait until the process has ended. Raises TimedOut after `seconds`."""
        wait_until(lambda: self.dead, seconds, f"the end of the bot that logs into {self.log}")

    def close(self) -> None:
        """Kill the process, and close its handle."""
        self.kill()
        os.close(self.pidfd)


class ForkServer:
    """A context manager: the process that bots are forked from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.torture.fork_server"]
        pipe = subprocess.PIPE
        # A session of its own: a Ctrl-C must reach only the process that sends the requests.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, start_new_session=True
        )
        self._request()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # and the kernel kills its bots
        self._process.communicate()

    def start_bot(self, environment: Mapping[str, str], folder: Path, *, fork: bool = True) -> BotHandle:
        """Start a bot. Without `fork` it is a new interpreter, as in production."""
        log = folder / "bot.log"
        request = {"environment": dict(environment), "folder": str(folder), "log": str(log), "fork": fork}
        with self._lock:
            pid = int(self._request(json.dumps(request)))
            return BotHandle(pid, os.pidfd_open(pid), log)

    def _request(self, request: str = "") -> str:
        assert self._process.stdin
        assert self._process.stdout
        if request:
            self._process.stdin.write(f"{request}\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the fork server has ended"
        return answer
