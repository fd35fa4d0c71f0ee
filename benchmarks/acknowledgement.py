"""How soon a click is acknowledged while five scans run: `python -m benchmarks.acknowledgement`.

One scan runs in the bot, four in `bailiff report` on the same machine. All read the same fleet again and again.
"""

import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bailiff_bot.sandbox.slack import RenderedMessage, SlackSandbox
from benchmarks.processes import endpoint

OTHER_SCANS = 4
CLICKS = 100
_INSTANCES, _LATENCY = 17_000, 0.1
_START_SECONDS = 120.0
_PAUSE = 0.2
"""Seconds between two clicks."""
_BAILIFF = str(Path(sys.executable).with_name("bailiff"))


def main(clicks: int) -> None:
    """Print the median and the worst time."""
    with ExitStack() as opened:
        environment = opened.enter_context(endpoint(_INSTANCES, _LATENCY))
        slack = opened.enter_context(SlackSandbox())
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        (folder / "people.csv").write_text("trigram,email\nAGR,agr@octo.example\n")
        settings = _settings(slack, folder)
        opened.enter_context(_running([_BAILIFF, "run"], environment | settings, folder))
        for number in range(OTHER_SCANS):
            own = folder / f"{number}"
            own.mkdir()
            opened.enter_context(_repeating(lambda own=own: _report(environment, own)))  # type: ignore[misc]
        answer = _answer(slack)
        # With BAILIFF_FRESH_MINUTES=0 each answer starts a scan, unless one is running.
        opened.enter_context(_repeating(lambda: slack.driver.user("hector").run_command("/bailiff mine")))
        seconds = sorted(_clicks(slack, answer, clicks))
    print(
        f"{clicks} clicks while {1 + OTHER_SCANS} scans of {_INSTANCES:,} instances run: acknowledged in "
        f"{statistics.median(seconds) * 1000:.0f} ms (median), {seconds[-1] * 1000:.0f} ms at worst; "
        f"{sum(one < 0.3 for one in seconds)} within 300 ms."
    )


def _settings(slack: SlackSandbox, folder: Path) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "BAILIFF_PEOPLE_CSV": str(folder / "people.csv"),
        "BAILIFF_FRESH_MINUTES": "0",
    }


def _answer(slack: SlackSandbox) -> RenderedMessage:
    """Return an answer with buttons, once the bot has scanned."""
    ada = slack.driver.user("ada")
    slack.driver.wait_for(slack.driver.connections, _START_SECONDS)
    ada.run_command("/bailiff mine")

    def found() -> RenderedMessage | None:
        return next((one for one in ada.visible_messages() if "Keep" in str(one.blocks)), None)

    return slack.driver.wait_for(found, _START_SECONDS)


def _clicks(slack: SlackSandbox, answer: RenderedMessage, clicks: int) -> Iterator[float]:
    """Click *Keep*, and yield the seconds until each acknowledgement."""
    pause = threading.Event()
    for _ in range(clicks):
        result = slack.driver.user("ada").click(answer, "Keep")
        if not result.acknowledged:
            raise SystemExit(f"A click was not acknowledged within {result.seconds:.1f} s.")
        yield result.seconds
        pause.wait(_PAUSE)


def _report(environment: dict[str, str], folder: Path) -> None:
    subprocess.run(
        [_BAILIFF, "report", "--format", "csv"],
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,  # the last one is stopped
    )


@contextmanager
def _running(command: list[str], environment: dict[str, str], folder: Path) -> Iterator[None]:
    """Run a process during the block."""
    with (
        (folder / "bot.log").open("wb") as output,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _repeating(task: Callable[[], object]) -> Iterator[None]:
    """Repeat a task in a thread during the block."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(_PAUSE):
            task()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CLICKS)
