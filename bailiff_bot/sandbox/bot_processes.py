"""The real bot as a process on the stage, once or several times: started, stopped, and all started anew."""

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
"""How Bailiff is called."""
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
    """The bots of a stage."""

    environment: Callable[..., dict[str, str]]
    """Makes a process's environment, with changes by name."""
    driver: Driver
    folder: Path
    """Where they work, and what they log goes into the file `bot.log`."""
    command: Sequence[str] = BAILIFF_COMMAND
    _bots: list[_StartedBot] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> "tuple[subprocess.Popen[str], ...]":
        """The processes that have not ended."""
        return tuple(bot.process for bot in self._bots if bot.process.poll() is None)

    def start(self, log_fd: int | None, overrides: Mapping[str, str]) -> "subprocess.Popen[str]":
        """Start one, and return once it is connected; RuntimeError, with the end of its log, when it ends instead."""
        with self._lock:
            # The caller may close its file; we need it for as long as the bot may be started anew.
            kept = os.dup(log_fd) if log_fd is not None else self._open_log()
            (process,) = self._start_and_wait(lambda: [self._start_process(overrides, kept)])
            return process

    def restart_all(self, while_stopped: Callable[[], None]) -> None:
        """Stop those that run, do something, and start them again as they were started."""
        with self._lock:
            again = [bot for bot in self._bots if bot.process in self.running]
            _stop_processes([bot.process for bot in again])
            while_stopped()
            self._bots = [bot for bot in self._bots if bot not in again]
            self._start_and_wait(lambda: [self._start_process(bot.overrides, bot.log_fd) for bot in again])

    def stop(self) -> None:
        """Stop those that run, for good."""
        with self._lock:
            _stop_processes(self.running)
            for log in {bot.log_fd for bot in self._bots}:
                os.close(log)
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
        begun = start()

        def all_connected() -> bool:
            for process in begun:
                if process.poll() is not None:
                    raise RuntimeError(f"The bot ended with exit code {process.returncode}: {self._log_tail()}")
            return len(self._connections() - before) >= len(begun)

        self.driver.wait_for(all_connected, _START_SECONDS)
        return begun

    def _connections(self) -> set[int]:
        return {connection.number for connection in self.driver.connections()}

    def _log_tail(self) -> str:
        file = self.folder / "bot.log"
        return file.read_text()[-_LOG_TAIL_CHARACTERS:] if file.exists() else ""


def stop_bot(bot: "subprocess.Popen[str]") -> int:
    """Stop a bot as an administrator would, and return its exit code."""
    _stop_processes([bot])
    return bot.returncode


def _stop_processes(bots: "Sequence[subprocess.Popen[str]]") -> None:
    for bot in bots:
        bot.terminate()
        bot.send_signal(signal.SIGCONT)  # one that was frozen would not hear of it
    for bot in bots:
        try:
            bot.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            bot.kill()
            bot.wait()
