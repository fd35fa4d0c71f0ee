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

BAILIFF = (sys.executable, "-m", "bailiff_bot.cli")
"""How Bailiff is called."""
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_TOLD_CHARACTERS = 2_000


@dataclass(slots=True)
class _Bot:
    process: "subprocess.Popen[str]"
    changes: Mapping[str, str]
    log: int


@dataclass
class Bots:
    """The bots of a stage."""

    environment: Callable[..., dict[str, str]]
    """Makes a process's environment, with changes by name."""
    driver: Driver
    folder: Path
    """Where they work, and what they log goes into the file `bot.log`."""
    command: Sequence[str] = BAILIFF
    _bots: list[_Bot] = field(default_factory=list)
    _changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> "tuple[subprocess.Popen[str], ...]":
        """The processes that have not ended."""
        return tuple(bot.process for bot in self._bots if bot.process.poll() is None)

    def start(self, log: int | None, changes: Mapping[str, str]) -> "subprocess.Popen[str]":
        """Start one, and return once it is connected; RuntimeError, with the end of its log, when it ends instead."""
        with self._changing:
            # The caller may close its file; we need it for as long as the bot may be started anew.
            kept = os.dup(log) if log is not None else self._file()
            (process,) = self._connected(lambda: [self._run(changes, kept)])
            return process

    def start_anew(self, meanwhile: Callable[[], None]) -> None:
        """Stop those that run, do something, and start them again as they were started."""
        with self._changing:
            again = [bot for bot in self._bots if bot.process in self.running]
            _stop([bot.process for bot in again])
            meanwhile()
            self._bots = [bot for bot in self._bots if bot not in again]
            self._connected(lambda: [self._run(bot.changes, bot.log) for bot in again])

    def stop(self) -> None:
        """Stop those that run, for good."""
        with self._changing:
            _stop(self.running)
            for log in {bot.log for bot in self._bots}:
                os.close(log)
            self._bots.clear()

    def _file(self) -> int:
        return os.open(self.folder / "bot.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def _run(self, changes: Mapping[str, str], log: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603 - Bailiff itself
            [*self.command, "run"], env=self.environment(**changes), cwd=self.folder, stderr=log, text=True
        )
        self._bots.append(_Bot(process, changes, log))
        return process

    def _connected(self, begin: "Callable[[], list[subprocess.Popen[str]]]") -> "list[subprocess.Popen[str]]":
        before = self._connections()
        begun = begin()

        def connected() -> bool:
            for process in begun:
                if process.poll() is not None:
                    raise RuntimeError(f"The bot ended with exit code {process.returncode}: {self._told()}")
            return len(self._connections() - before) >= len(begun)

        self.driver.wait_for(connected, _START_SECONDS)
        return begun

    def _connections(self) -> set[int]:
        return {connection.number for connection in self.driver.connections()}

    def _told(self) -> str:
        file = self.folder / "bot.log"
        return file.read_text()[-_TOLD_CHARACTERS:] if file.exists() else ""


def stop(bot: "subprocess.Popen[str]") -> int:
    """Stop a bot as an administrator would, and return its exit code."""
    _stop([bot])
    return bot.returncode


def _stop(bots: "Sequence[subprocess.Popen[str]]") -> None:
    for bot in bots:
        bot.terminate()
        bot.send_signal(signal.SIGCONT)  # one that was frozen would not hear of it
    for bot in bots:
        try:
            bot.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            bot.kill()
            bot.wait()
