"""`bailiff report` in a terminal: the real command in a pseudo-terminal of 80 columns."""

import os
import subprocess
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bailiff_bot.render.cells import cells
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.bot_processes import BAILIFF_COMMAND
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ONE_REGION, days, run_in_process

LONG = "agr-first-" + "x" * 240 + "-last"
CJK = "mlg-東京-" + "機" * 60
EMOJI = "hro-" + "👩‍👩‍👧🇫🇷👍🏽" * 20
NAMES = (LONG, CJK, EMOJI)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(
        InstanceFixture(key=f"wide-{number}", name=name, since_start=days(60), expected_table="stopped-when-unused")
        for number, name in enumerate(NAMES)
    )


def lines_in_terminal(sandbox: Sandbox, folder: Path, columns: int, **overrides: str) -> list[str]:
    """Return the lines that the report prints in a terminal of so many columns."""
    terminal, inside = os.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        termios.tcsetwinsize(inside, (24, columns))
        command = subprocess.Popen(  # noqa: S603 - Bailiff itself
            [*BAILIFF_COMMAND, "report"],
            env=sandbox.environment(**ONE_REGION, PYTHONUTF8="1", **overrides),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=inside,
            stderr=subprocess.DEVNULL,
        )
        os.close(inside)
        with command:
            shown = b"".join(_until_closed(screen.fileno()))
    assert command.returncode == 0
    return shown.decode().replace("\r\n", "\n").split("\n")


def _until_closed(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # EIO: the command ended
        while read := os.read(terminal, 65536):
            yield read


def test_no_line_is_wider_than_the_terminal(
    sandbox: Sandbox, fleet: tuple[InstanceFixture, ...], tmp_path: Path
) -> None:
    lines = lines_in_terminal(sandbox, tmp_path, 80)
    assert [line for line in lines if cells(line) > 80] == []
    shown = "\n".join(lines)
    assert "agr-first-x" in shown
    assert "x-last" in shown
    assert shown.count("…") == len(NAMES)
    assert all(machine.id in shown for machine in fleet)


def test_columns_overrules_the_terminal(sandbox: Sandbox, tmp_path: Path) -> None:
    lines = lines_in_terminal(sandbox, tmp_path, 80, COLUMNS="120")
    assert 80 < max(map(cells, lines)) <= 120


def test_a_pipe_gets_every_name_whole(sandbox: Sandbox) -> None:
    done = run_in_process(sandbox, "report", **ONE_REGION, COLUMNS="80")
    assert all(name in done.stdout for name in NAMES)
    assert "…" not in done.stdout
