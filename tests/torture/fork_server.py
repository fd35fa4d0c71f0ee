"""A process with one thread that imports all that a bot needs, then forks bots. A bot then starts in milliseconds.

It reads one request per line, as JSON (`environment`, `folder`, `log`, `fork`), and answers with the pid of a new bot.
Each bot has its own session. The process ends when its standard input is closed; the kernel then kills its bots.
"""

import ctypes
import inspect
import json
import os
import signal
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

PDEATHSIG = 1
"""Linux's PR_SET_PDEATHSIG: the signal that a process gets when its parent dies."""
_BOT = ("-m", "tests.torture.bot_main", "run")


def main() -> None:
    """Fork bots until standard input ends."""
    _preload()
    _write_line("ready")
    for line in sys.stdin:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            _become_bot(request)
        _write_line(pid)


def _write_line(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def _preload() -> None:
    """Import what a bot imports, and load once what would cost each bot a tenth of a second at its start."""
    from slack_sdk.socket_mode.builtin import internals  # noqa: PLC0415

    from bailiff_bot.aws.service_model import LOADER  # noqa: PLC0415
    from tests.torture import bot_main  # noqa: F401, PLC0415

    for service in ("ec2", "sts"):
        for kind in ("service-2", "endpoint-rule-set-1"):
            LOADER.load_service_model(service, kind)
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        LOADER.load_data(name)
    inspect.stack()  # Bolt calls it at each start to find a name
    context = ssl.create_default_context()
    setattr(internals, "_use_or_create_ssl_context", lambda _: context)  # noqa: B010 - nothing here is encrypted


def _become_bot(request: dict[str, Any]) -> NoReturn:
    """Turn this process into a bot."""
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
    os.setsid()
    _redirect_output(request["log"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if not request["fork"]:
        environment = {**request["environment"], "PYTHONPATH": str(Path.cwd())}
        os.chdir(request["folder"])
        os.execve(sys.executable, [sys.executable, *_BOT], environment)  # noqa: S606 - our own program
    os.chdir(request["folder"])
    sys.argv = ["bailiff", "run"]
    from tests.torture import bot_main  # noqa: PLC0415

    code = 1
    try:
        bot_main.main()
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _redirect_output(log: str) -> None:
    """Make standard input empty, and write standard output and error to the log."""
    empty = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source, target in ((empty, 0), (output, 1), (output, 2)):
        os.dup2(source, target)


if __name__ == "__main__":
    main()
