"""The composition root only builds."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bailiff_bot.bootstrap.services import services
from bailiff_bot.domain.audit import AuditRecord, AuditResult
from bailiff_bot.settings.model import Settings
from tests.builders import NOW

ROOT = Path(__file__).parents[3]
BUILD_SERVICES = """
import sys
from bailiff_bot import cli
from bailiff_bot.bootstrap.services import services
from bailiff_bot.settings.model import Settings
services(Settings())
print(sorted(sys.modules))
"""
PATCHED_MODULES = ("bailiff_bot.bootstrap", "bailiff_bot.leases", "bailiff_bot.runtime.p", "bailiff_bot.slack.client")
"""Beginnings of modules whose globals no test replaces: their builders have arguments for that."""


@pytest.fixture(scope="module")
def modules_of_a_report() -> str:
    """Return the modules that a report without Slack imports."""
    command = [sys.executable, "-c", BUILD_SERVICES]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout  # noqa: S603 - our own


@pytest.mark.parametrize("library", ["slack_sdk", "slack_bolt", "slackblocks", "aiohttp", "apscheduler", "alembic"])
def test_services_without_slack_import_nothing_of_slack(modules_of_a_report: str, library: str) -> None:
    assert f"'{library}'" not in modules_of_a_report


def test_building_services_makes_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILD_SERVICES]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)  # noqa: S603 - our own
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("days", "numbers"), [(0, [1]), (30, [2])])
def test_pruning_removes_rows_of_the_audit_log_that_are_older_than_its_own_retention(
    tmp_path: Path, days: int, numbers: list[int]
) -> None:
    settings = Settings(audit_days=days, database_url=SecretStr(f"sqlite:///{tmp_path / 'x.sqlite'}"))
    with services(settings, clock=lambda: NOW) as shared:
        shared.store.audit.append(AuditRecord(NOW - timedelta(days=31), None, "end", AuditResult.DONE))
        shared.prune()
        assert [entry.number for entry in shared.audit.latest(timedelta(days=100)).entries] == numbers


def patched_names() -> Iterator[str]:
    """Yield each module path that a test gives to `patch` or `setattr`."""
    for file in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("patch", "setattr")) and node.args:
                yield ast.unparse(node.args[0]).strip("'")


def test_no_test_patches_what_the_builders_take_as_arguments() -> None:
    assert [name for name in patched_names() if name.startswith(PATCHED_MODULES)] == []
