"""The verdicts on usage that were decided by hand, and whether each accuses, asks or clears."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.usage import Usage, UsageVerdict, judge_usage, usage_of_controller
from bailiff_bot.domain.usage_figures import DayFigures, UsageFigures, day_figures

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "usage.yaml").read_text(encoding="utf-8"))
NOW = TABLE["now"]
TARGET = Target("111122223333", "eu-west-1")
ROWS = [
    pytest.param(row, id=f"{section}-{number}-{row['why']}")
    for section, rows in TABLE.items()
    if isinstance(rows, list)
    for number, row in enumerate(rows, 1)
    if "members" not in row
]
CONTROLLERS = [
    pytest.param(row, id=f"{section}-{number}-{row['why']}")
    for section, rows in TABLE.items()
    if isinstance(rows, list)
    for number, row in enumerate(rows, 1)
    if "members" in row
]


def figures_of(row: dict[str, Any] | None) -> DayFigures:
    if row is None:
        return DayFigures()
    network = row.get("net")
    out = None if network is None else 0.0
    return day_figures(row.get("cpu_max"), row.get("cpu_avg"), network, out, row.get("hours", 24))


def instance_of(row: dict[str, Any], read_at: datetime) -> Instance:
    """Return the instance of a row. `each` is of every day of the window, `days` replaces single ones."""
    idle_days = {**TABLE["policy"], **row.get("policy", {})}["idle_days"]
    last = date(2026, 11, 19)
    days = {last - timedelta(days=ago): figures_of(row["each"]) for ago in range(idle_days + 1)}
    days.update({day: figures_of(one) for day, one in row.get("days", {}).items()})
    return Instance(
        "i-1",
        TARGET,
        row.get("type", "t3.medium"),
        InstanceState(row.get("state", "running")),
        row.get("started", datetime.fromisoformat("2026-08-01T00:00:00Z")),
        tags={"Name": "AGR-box"},
        usage=UsageFigures(read_at, days),
    )


def policy_of(row: dict[str, Any]) -> Policy:
    return replace(Policy(reads_usage=True), **{**TABLE["policy"], **row.get("policy", {})})


@pytest.mark.parametrize("row", ROWS)
def test_every_row(row: dict[str, Any]) -> None:
    as_of = row.get("at", NOW)
    instance, policy = instance_of(row, as_of), policy_of(row)
    assert judge_usage(instance, policy, as_of).verdict == row["expect"]
    report = judge(Snapshot(Inventory((instance,), (TARGET,), (), as_of), NO_DIRECTORY), policy, as_of)
    [of_report] = list(report.rows)
    found = [one for one in of_report.findings if one.rule is RuleId.STOPPED_WHEN_UNUSED]
    assert ["asked" if one.asks else "accused" for one in found] == [row["finding"]] * (row["finding"] != "none")


@pytest.mark.parametrize("row", CONTROLLERS)
def test_every_controller(row: dict[str, Any]) -> None:
    members = [Usage(UsageVerdict(one)) for one in row["members"]]
    assert usage_of_controller(members).verdict == row["expect"]


def test_the_table_has_rows() -> None:
    assert ROWS
    assert CONTROLLERS
