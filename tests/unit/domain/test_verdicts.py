"""The verdicts that were decided by hand: the table in which a row of DescribeInstances ends."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bailiff_bot.aws.botocore_parser import instances
from bailiff_bot.domain.identity import NO_DIRECTORY, People, identifier_in_name, people_from_entries
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.snapshot import Snapshot

TABLE = yaml.safe_load((Path(__file__).parents[2] / "cases" / "verdicts.yaml").read_text(encoding="utf-8"))
DEFAULT_LAUNCH = datetime.fromisoformat("2026-11-10T10:00:00Z")
SECTIONS = [name for name in TABLE if name not in {"now", "policy", "directory"}]
CASES = [
    pytest.param(section, case, id=f"{section}-{number}-{case['why']}")
    for section in SECTIONS
    for number, case in enumerate(TABLE[section], 1)
]

ENTRIES = [
    (identifier, address)
    for identifier, addresses in TABLE["directory"].items()
    for address in (addresses if isinstance(addresses, list) else [addresses])
]
DIRECTORIES: dict[str, People] = {
    "without_directory": NO_DIRECTORY,
    "directory_incomplete": people_from_entries(ENTRIES, gaps=["team SCALE failed"]),
}

POLICY = Policy(
    stopped_days=TABLE["policy"]["stopped_days"],
    running_days=TABLE["policy"]["running_days"],
    grace_hours=TABLE["policy"]["grace_hours"],
    allowed_regions=frozenset(TABLE["policy"]["allowed_regions"]),
    exempt_tags=tuple(TABLE["policy"]["exempt_tags"]),
    owner_tags=tuple(TABLE["policy"]["owner_tags"]),
)


def ec2_row(case: dict[str, Any], number: int = 1) -> dict[str, Any]:
    tags = dict(case.get("tags", {}))
    if case.get("name") is not None:
        tags["Name"] = case["name"]
    row = {
        "InstanceId": f"i-{number:017x}",
        "InstanceType": "t3.micro",
        "State": {"Name": case.get("state", "running")},
        "LaunchTime": case.get("launched", DEFAULT_LAUNCH),
        "StateTransitionReason": case.get("reason", ""),
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    if not tags:
        del row["Tags"]
    return {**row, **attachments(case.get("attached", {}))}


def attachments(attached: dict[str, datetime]) -> dict[str, Any]:
    """Return the fields of a row that hold the attach times."""
    fields: dict[str, Any] = {"RootDeviceName": "/dev/xvda"}
    if "eni" in attached:
        fields["NetworkInterfaces"] = [{"Attachment": {"DeviceIndex": 0, "AttachTime": attached["eni"]}}]
    if "root" in attached:
        fields["BlockDeviceMappings"] = [{"DeviceName": "/dev/xvda", "Ebs": {"AttachTime": attached["root"]}}]
    return fields


def ec2_rows(case: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    if "controller" not in case:
        return [ec2_row(case["instance"])], case["instance"].get("region", "eu-west-1")
    controller = case["controller"]
    tag = {"auto-scaling group": "aws:autoscaling:groupName", "EKS cluster": "eks:cluster-name"}[controller["kind"]]
    ages = [controller["oldest"] + timedelta(hours=hours) for hours in range(controller["members"])]
    return [
        ec2_row({"name": "node", "launched": age, "tags": {tag: controller["name"]}}, number)
        for number, age in enumerate(reversed(ages))
    ], "eu-west-1"


def report_of(section: str, rows: list[dict[str, Any]], region: str) -> Report:
    target = Target("111122223333", region)
    found = tuple(instances({"Reservations": [{"Instances": rows}]}, target))
    inventory = Inventory(found, (target,), (), TABLE["now"])
    return judge(Snapshot(inventory, DIRECTORIES.get(section, people_from_entries(ENTRIES))), POLICY, TABLE["now"])


@pytest.mark.parametrize(("section", "case"), CASES)
def test_the_report_agrees_with_the_verdict_decided_by_hand(section: str, case: dict[str, Any]) -> None:
    rows, region = ec2_rows(case)
    expected = {"table": "managed", **case["expect"]}

    report = report_of(section, rows, region)

    if expected["table"] == "absent":
        assert report.count == 0
        return
    [table] = [table for table in report.tables if table.rows]
    [row] = table.rows
    assert (table.id, table.count) == (expected["table"], len(rows))
    if row.controller and "instance" in case:  # a node is not judged by itself, only its controller is
        assert expected["findings"] == []
        assert identifier_in_name(case["instance"]["name"], POLICY.not_identifiers) == expected["identifier"]
        return
    assert [finding.rule for finding in row.findings] == expected["findings"]
    assert row.identity.identifier == expected["identifier"]
    if "owner" in expected:
        assert row.identity.owner_keys == owner_keys(expected["owner"])


def owner_keys(owner: str | list[str] | None) -> tuple[str, ...]:
    """Return the owners of a verdict: one, several, or nobody."""
    return tuple(owner) if isinstance(owner, list) else tuple(filter(None, [owner]))


def test_every_verdict_of_the_file_is_tested() -> None:
    assert len(CASES) == 120
