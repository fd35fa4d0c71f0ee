"""docs/permissions.md: its commands work, and what it promises is what the files say."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from bailiff_bot.aws.permissions import READS, Reads
from tests.unit.deploy_files import ROOT, template_file

PAGE = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
FAKE_AWS = """aws() { for argument; do last=$argument; done; printf '%s' "$last"; }\n"""
"""A shell function in place of the command: it prints its last argument."""


def command(policy_name: str) -> str:
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    [found] = [block for block in blocks if f"--policy-name {policy_name} " in block]
    return found


def printed_policy(policy_name: str) -> dict[str, object]:
    script = FAKE_AWS + command(policy_name)
    run = subprocess.run(["bash", "-c", script], capture_output=True, check=True)  # noqa: S603, S607 - our own page
    [statement] = json.loads(run.stdout)["Statement"]
    assert isinstance(statement, dict)
    return statement


def test_the_command_that_revokes_sessions_denies_those_of_before_now() -> None:
    statement = printed_policy("revoke-older-sessions")
    issued = statement.pop("Condition")
    assert statement == {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert isinstance(issued, dict)
    before = datetime.fromisoformat(issued["DateLessThan"]["aws:TokenIssueTime"])
    assert abs((datetime.now(UTC) - before).total_seconds()) < 60


def test_the_command_that_denies_everything_denies_everything() -> None:
    assert printed_policy("deny-everything") == {"Effect": "Deny", "Action": "*", "Resource": "*"}


def test_the_page_lists_what_each_feature_reads() -> None:
    rows = re.findall(r"^\| (\w+) \| the bot's own[^|]*\|([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
    listed = {name: Reads(*(frozenset(re.findall(r"`(\w+:\w+)`", cell)) for cell in cells)) for name, *cells in rows}
    assert listed == READS


def test_each_file_that_the_page_names_exists() -> None:
    names = [
        *re.findall(r"\]\(\.\./([^)]+)\)", PAGE),
        *re.findall(r"(?:file://|--template-file )(deploy/[\w.-]+)", PAGE),
    ]
    assert names
    assert [name for name in names if not Path(ROOT / name).exists()] == []


def test_the_command_that_deploys_gives_parameters_that_the_template_has() -> None:
    parameters = template_file("cloudformation-act-roles.yaml")["Parameters"]
    text = (ROOT / "deploy" / "cloudformation-act-roles.yaml").read_text(encoding="utf-8")
    for place in (PAGE, text.partition("AWSTemplateFormatVersion")[0]):
        given = re.findall(r"\b(\w+)=", place.partition("--parameter-overrides ")[2].partition("example.com")[0])
        without_default = {name for name, parameter in parameters.items() if "Default" not in parameter}
        assert without_default <= set(given) <= set(parameters)
