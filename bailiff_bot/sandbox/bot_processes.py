"""The real bot as one or several processes in a sandbox: start, stop and restart them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bailiff_bot.sandbox.slack.driver import Driver

BAILIFF_COMMAND = (sys.executable, "-m", "bailiff_bot.cli")
"""The command that runs Bailiff."""
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LOG_TAIL_CHARACTERS = 2_000


@dataclass(slots=True)
class _StartedBot:
    process: "subprocess.Popen[str]"
    overrides: Mapping[str, str]
    log_fd: int


@dataclass
class BotProcesses:
    """The bot processes of a sandbox."""

    environment: Callable[..., dict[str, str]]
    """Returns a process's environment; keyword arguments override variables."""
    driver: Driver
    folder: Path
    """Their working directory; their log is the file `bot.log` in it."""
    command: Sequence[str] = BAILIFF_COMMAND
    _bots: list[_StartedBot] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> "tuple[subprocess.Popen[str], ...]":
        """The processes that still run."""
        return tuple(bot.process for bot in self._bots if bot.process.poll() is None)

    def start(self, log_fd: int | None, overrides: Mapping[str, str]) -> "subprocess.Popen[str]":
        """Start a bot and return once it is connected.

        Raises RuntimeError, with the end of the log, if the process ends instead.
        """
        with self._lock:
            # The caller may close its file descriptor; a restart of the bot still needs it.
            own_log_fd = os.dup(log_fd) if log_fd is not None else self._open_log()
            (process,) = self._start_and_wait(lambda: [self._start_process(overrides, own_log_fd)])
            return process

    def restart_all(self, while_stopped: Callable[[], None]) -> None:
        """Stop the running bots, call `while_stopped`, and start the same bots again."""
        with self._lock:
            stopped_bots = [bot for bot in self._bots if bot.process in self.running]
            _stop_processes([bot.process for bot in stopped_bots])
            while_stopped()
            self._bots = [bot for bot in self._bots if bot not in stopped_bots]
            self._start_and_wait(lambda: [self._start_process(bot.overrides, bot.log_fd) for bot in stopped_bots])

    def stop(self) -> None:
        """Stop the running bots and close their logs."""
        with self._lock:
            _stop_processes(self.running)
            for log_fd in {bot.log_fd for bot in self._bots}:
                os.close(log_fd)
            self._bots.clear()

    def _open_log(self) -> int:
        return os.open(self.folder / "bot.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _start_process(self, overrides: Mapping[str, str], log_fd: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603 - Bailiff itself
            [*self.command, "run"], env=self.environment(**overrides), cwd=self.folder, stderr=log_fd, text=True
        )
        self._bots.append(_StartedBot(process, overrides, log_fd))
        return process

    def _start_and_wait(self, start: "Callable[[], list[subprocess.Popen[str]]]") -> "list[subprocess.Popen[str]]":
        before = self._connections()
        started = start()

        def all_connected() -> bool:
            for process in started:
                if process.poll() is not None:
                    raise RuntimeError(f"The bot ended with exit code {process.returncode}: {self._log_tail()}")
            return len(self._connections() - before) >= len(started)

        self.driver.wait_for(all_connected, _START_SECONDS)
        return started

    def _connections(self) -> set[int]:
        return {connection.number for connection in self.driver.connections()}

    def _log_tail(self) -> str:
        file = self.folder / "bot.log"
        return file.read_text()[-_LOG_TAIL_CHARACTERS:] if file.exists() else ""


def stop_bot(process: "subprocess.Popen[str]") -> int:
    """Stop a bot with SIGTERM and return its exit code."""
    _stop_processes([process])
    return process.returncode


def _stop_processes(processes: "Sequence[subprocess.Popen[str]]") -> None:
    for process in processes:
        process.terminate()
        process.send_signal(signal.SIGCONT)  # a suspended process handles SIGTERM only after it continues
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
