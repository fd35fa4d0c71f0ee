"""A process with one thread that has imported all that a bot needs, and forks bots: a start then costs milliseconds.

It reads a line of JSON an order (`environment`, `folder`, `log`, `fork`) and answers each with the pid of a new bot, in
a session of its own. When it ends, as it does once nobody writes to it any more, the kernel kills its bots.
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
    _warm()
    _say("ready")
    for line in sys.stdin:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _live(order)
        _say(pid)


def _say(answer: object) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def _warm() -> None:
    """Import what a bot imports, and do once what costs each of them a tenth of a second at its start."""
    from slack_sdk.socket_mode.builtin import internals  # noqa: PLC0415

    from bailiff_bot.aws.service_model import LOADER  # noqa: PLC0415
    from tests.torture import bot_main  # noqa: F401, PLC0415

    for service in ("ec2", "sts"):
        for kind in ("service-2", "endpoint-rule-set-1"):
            LOADER.load_service_model(service, kind)
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        LOADER.load_data(name)
    inspect.stack()  # Bolt does it to find a name
    context = ssl.create_default_context()
    setattr(internals, "_use_or_create_ssl_context", lambda _: context)  # noqa: B010 - nothing here is encrypted


def _live(order: dict[str, Any]) -> NoReturn:
    """Become a bot."""
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)
    os.setsid()
    _wire(order["log"])
    os.environ.clear()
    os.environ.update(order["environment"])
    if not order["fork"]:
        environment = {**order["environment"], "PYTHONPATH": str(Path.cwd())}
        os.chdir(order["folder"])
        os.execve(sys.executable, [sys.executable, *_BOT], environment)  # noqa: S606 - ourselves
    os.chdir(order["folder"])
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


def _wire(log: str) -> None:
    """Read nothing, and write into the log."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for source, target in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(source, target)


if __name__ == "__main__":
    main()
