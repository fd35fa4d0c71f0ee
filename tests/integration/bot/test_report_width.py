"""The width of `bailiff report` in a terminal: the real command in a pseudo-terminal."""

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

LONG_NAME = "agr-first-" + "x" * 240 + "-last"
CJK_NAME = "mlg-東京-" + "機" * 60
EMOJI_NAME = "hro-" + "👩‍👩‍👧🇫🇷👍🏽" * 20
NAMES = (LONG_NAME, CJK_NAME, EMOJI_NAME)


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(
        InstanceFixture(key=f"wide-{number}", name=name, since_start=days(60), expected_table="stopped-when-unused")
        for number, name in enumerate(NAMES)
    )


def lines_in_terminal(sandbox: Sandbox, folder: Path, columns: int, **overrides: str) -> list[str]:
    """Return the lines that the report prints in a terminal of this width."""
    screen_end, terminal_end = os.openpty()
    with os.fdopen(screen_end, "rb", buffering=0) as screen:
        termios.tcsetwinsize(terminal_end, (24, columns))
        process = subprocess.Popen(  # noqa: S603 - Bailiff itself
            [*BAILIFF_COMMAND, "report"],
            env=sandbox.environment(**ONE_REGION, PYTHONUTF8="1", **overrides),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=terminal_end,
            stderr=subprocess.DEVNULL,
        )
        os.close(terminal_end)
        with process:
            output = b"".join(_until_closed(screen.fileno()))
    assert process.returncode == 0
    return output.decode().replace("\r\n", "\n").split("\n")


def _until_closed(screen_end: int) -> Iterator[bytes]:
    with suppress(OSError):  # EIO: the command ended
        while chunk := os.read(screen_end, 65536):
            yield chunk


def test_no_line_is_wider_than_the_terminal(
    sandbox: Sandbox, fleet: tuple[InstanceFixture, ...], tmp_path: Path
) -> None:
    lines = lines_in_terminal(sandbox, tmp_path, 80)
    assert [line for line in lines if cells(line) > 80] == []
    output = "\n".join(lines)
    assert "agr-first-x" in output
    assert "x-last" in output
    assert output.count("…") == len(NAMES)
    assert all(instance.id in output for instance in fleet)


def test_the_variable_columns_overrides_the_width_of_the_terminal(sandbox: Sandbox, tmp_path: Path) -> None:
    lines = lines_in_terminal(sandbox, tmp_path, 80, COLUMNS="120")
    assert 80 < max(map(cells, lines)) <= 120


def test_a_report_in_a_pipe_shortens_no_name(sandbox: Sandbox) -> None:
    result = run_in_process(sandbox, "report", **ONE_REGION, COLUMNS="80")
    assert all(name in result.stdout for name in NAMES)
    assert "…" not in result.stdout
