"""Every kind of message that Bailiff sends, as the payload that Slack gets: compared with `tests/golden/messages`.

A file is named `scenario.step.kind.json`. To change messages on purpose, run
`UPDATE_GOLDEN=1 .venv/bin/python -m pytest tests/integration/bot/test_golden_messages.py` and read the difference.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import BOT_USER_ID, DIRECTORY, DirectoryEntryFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import FLEET_REGIONS, GPU, LEGIT, ONE_REGION, PATIENCE, RETIRED, days
from tests.integration.bot.golden import FOLDER, HOME, REPLY, START, ZONE, Scenario, compare

WHOLE = {"BAILIFF_REGIONS": FLEET_REGIONS}
TWO_REGIONS = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_ROLE_ARNS": ""}
POST = "chat.postMessage"
CHANNEL = "cloud-costs"
ADAS, HECTORS = "D0AGR00001", "D0HRO00003"
"""Conversations with the bot."""

ZONE_OF_TEST = {"TZ": os.environ.get("TZ", "UTC")}
"""The time zone that the tests run in. No message may depend on it."""


def running(name: str, region: str = "eu-west-1") -> InstanceFixture:
    """Return an instance that runs for too long."""
    return InstanceFixture(
        key=name, name=name, since_start=days(60), region=region, expected_table="stopped-when-unused"
    )


FEW = (GPU, RETIRED, LEGIT)
CHANGING = (*FEW, *map(running, ("agr-lab", "agr-moves", "alb-one", "nabe-one")))
APART = (running("agr-here"), running("agr-goes"), running("agr-there", "us-east-1"), LEGIT)
MANY = (
    GPU,
    RETIRED,
    *(InstanceFixture(key=f"m{n}", name=f"nabe-{n}", since_start=days(5), expected_table="legit") for n in range(20)),
)


def first(scenario: Scenario) -> None:
    """The first digest, of the whole fleet, with one region that cannot be read."""
    scenario.digest("digest", **WHOLE)


def later(scenario: Scenario) -> None:
    """Later digests: instances are fixed, new or renamed; the rules change; an owner is reminded."""
    scenario.digest("", **ONE_REGION)
    for fixed in ("agr-lab", "nabe-one"):
        scenario.sandbox.aws.delete(fixed)
    scenario.sandbox.aws.rename("agr-moves", "alb-moves")
    scenario.sandbox.aws.add(running("alb-new"))
    scenario.digest("changes", **ONE_REGION)
    scenario.digest("new-rules", **ONE_REGION, BAILIFF_RUNNING_DAYS="365")
    scenario.sandbox.advance_time(days(5))
    scenario.digest("reminder", **ONE_REGION, BAILIFF_RUNNING_DAYS="365")


def well(scenario: Scenario) -> None:
    """Digests in which no instance breaks a rule."""
    scenario.digest("", **ONE_REGION)
    scenario.sandbox.aws.delete(GPU.id)
    scenario.digest("fixed", **ONE_REGION)
    scenario.digest("again", **ONE_REGION)


def gaps(scenario: Scenario) -> None:
    """Digests with a region, then a team of the directory, then every target that cannot be read."""
    scenario.digest("", **TWO_REGIONS)
    scenario.sandbox.aws.delete("agr-goes")
    scenario.sandbox.aws.deny("us-east-1")
    scenario.digest("region", **TWO_REGIONS)
    scenario.sandbox.askbob.fail_team("SCALE")
    scenario.digest("directory", **TWO_REGIONS)
    scenario.sandbox.aws.expire_credentials()
    scenario.digest("everything", **TWO_REGIONS)


def implausible(scenario: Scenario) -> None:
    """A digest after the fleet and the directory lost more than half."""
    more = tuple(DirectoryEntryFixture(f"X{letter}X", f"x{letter}x@octo.example", "BDA") for letter in "ABCDEF")
    scenario.sandbox.askbob.replace_entries((*DIRECTORY, *more))
    scenario.digest("", **ONE_REGION)
    scenario.sandbox.askbob.replace_entries([one for one in DIRECTORY if one.trigram in {"AGR", "HRO"}])
    scenario.sandbox.aws.add(running("hro-new"))
    for gone in (GPU.id, *(f"m{n}" for n in range(15))):
        scenario.sandbox.aws.delete(gone)
    scenario.digest("shrunk", **ONE_REGION)


def modes(scenario: Scenario) -> None:
    """Digests that notify no owner: dry run, off, preview."""
    for mode in ("dry-run", "off"):
        scenario.digest(mode, database=mode, **ONE_REGION, BAILIFF_NUDGES=mode)
    scenario.program(**ONE_REGION).preview("U0BIL00007")
    scenario.record("preview")


def undelivered(scenario: Scenario) -> None:
    """Digests of which Slack refuses single messages, then the blocks of each message."""
    scenario.driver.inject_fault("slow", POST, channel=CHANNEL)  # lets the parent pass
    scenario.driver.inject_fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    scenario.driver.inject_fault("refuse", POST, channel=HECTORS, error="cannot_dm_user")
    scenario.driver.inject_fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled")
    scenario.digest("refused", database="refused", **ONE_REGION)
    for channel, messages in ((CHANNEL, 3), (ADAS, 1), (HECTORS, 1)):
        for _ in range(messages):
            scenario.driver.inject_fault("refuse", POST, channel=channel, error="invalid_blocks")
            scenario.driver.inject_fault("slow", POST, channel=channel)  # lets the fallback pass
    scenario.driver.inject_fault("refuse", "chat.update", error="invalid_blocks")
    scenario.digest("blocks", database="blocks", **ONE_REGION)


def uncertain(scenario: Scenario) -> None:
    """Digests with a direct message that may or may not have arrived."""
    scenario.driver.inject_fault("drop_before", POST, channel=HECTORS)
    scenario.driver.inject_fault("server_error", "conversations.open", times=None)
    with ThreadPoolExecutor(1) as sender:
        sent = sender.submit(scenario.digest, "digest", **ONE_REGION)
        # Parent, table, summary, three calls for the file, two direct messages; then it only looks for the lost one.
        scenario.driver.wait_for(lambda: len(scenario.new()) == 8, PATIENCE)
        scenario.sandbox.advance_time(days(0.5))
        sent.result()
    scenario.driver.clear_faults()
    scenario.digest("after", **ONE_REGION)


def commands(scenario: Scenario) -> None:
    """Answers to commands and clicks, and the Home tab, before and after the first scan."""

    def before() -> None:
        scenario.asks("before-scan", "ada", "/bailiff report")
        scenario.opens_home("before-scan", "ada")

    with scenario.serving(WHOLE, before):
        scenario.record("after-scan", REPLY, HOME)
        scenario.sandbox.advance_time(timedelta(minutes=10))
        for step, who, typed in (
            ("mine", "ada", "/bailiff mine"),
            ("mine-nothing-owed", "nadia", "/bailiff mine"),
            ("mine-not-known", "bill", "/bailiff mine"),
            ("mine-identifier", "ada", "/bailiff mine HRO"),
            ("mine-no-instances", "ada", "/bailiff mine ZZZ"),
            ("help", "ada", "/bailiff help"),
            ("nothing-typed", "ada", "/bailiff"),
            ("unknown", "ada", "/bailiff repotr"),
            ("guest", "gus", "/bailiff report"),
        ):
            scenario.asks(step, who, typed, "bailiff" if who == "gus" else "general")
        for who in ("ada", "bill", "gus"):
            scenario.opens_home(f"home-{who}", who)
        scenario.asks("report-direct", "ada", "/bailiff report", "bailiff")
        report = scenario.asks("report", "ada", "/bailiff report")
        scenario.clicks("share", "ada", report, "Share in channel")
        scenario.clicks("full-report", "ada", report, "Full report")
        own = scenario.asks("mine-in-channel", "ada", "/bailiff mine", CHANNEL)
        scenario.clicks("full-report-mine", "ada", own, "Full report")


def directories(scenario: Scenario) -> None:
    """Answers to somebody unknown, without a directory and with an incomplete one."""

    def before() -> None:
        scenario.asks("", "bill", "/bailiff mine")

    with scenario.serving({**ONE_REGION, "ASKBOB_URL": ""}, before, "none"):
        scenario.record("none", REPLY)
    scenario.sandbox.askbob.fail_team("SCALE")
    with scenario.serving(ONE_REGION, before, "incomplete"):
        scenario.record("incomplete", REPLY)


def errors(scenario: Scenario) -> None:
    """Answers when Slack fails, when the code fails, and during a restart."""
    scenario.digest("", **ONE_REGION)
    with scenario.serving(ONE_REGION) as program:
        scenario.driver.inject_fault("server_error", "auth.test", times=None)
        scenario.record_acknowledgement("slack-unreachable", "ada", "/bailiff report")
        scenario.driver.clear_faults()
        scenario.driver.inject_fault("server_error", "users.info")
        scenario.asks("no-answer", "ada", "/bailiff report")
        scenario.driver.user("bill").invite_bot("ops-private")
        report = scenario.asks("", "bill", "/bailiff report", "ops-private")
        scenario.driver.remove_member(BOT_USER_ID, "ops-private")
        scenario.clicks("not-shared", "bill", report, "Share in channel", replies=1)
        scenario.driver.inject_fault("refuse", POST, error="restricted_action")
        scenario.clicks("full-report-refused", "bill", report, "Full report", replies=3)
        scenario.driver.inject_fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled")
        scenario.clicks("full-report-without-file", "bill", report, "Full report")
        report = scenario.asks("", "ada", "/bailiff report")
        scenario.driver.inject_fault("drop_after", "response_url")
        scenario.clicks("perhaps-shared", "ada", report, "Share in channel")
        scenario.clock.fails = True
        scenario.asks("unforeseen", "ada", "/bailiff report")
        scenario.clock.fails = False
        with scenario.clock.stopped():
            scenario.types("ada", "/bailiff report")  # keeps a worker busy, so that stopping takes time
            scenario.driver.wait_for(scenario.clock.awaited.is_set)
            program.stop()
            scenario.driver.wait_for(lambda: scenario.types("ada", "/bailiff report"))
            scenario.record("restart", only=1)


def unread(scenario: Scenario) -> None:
    """Answers when AWS refuses the credentials."""
    scenario.sandbox.aws.expire_credentials()
    with scenario.serving(ONE_REGION, lambda: scenario.types("ada", "/bailiff report")):
        scenario.record("report", REPLY, REPLY)
        scenario.asks("mine", "ada", "/bailiff mine")


SCENARIOS: dict[str, tuple[tuple[InstanceFixture, ...], Callable[[Scenario], None]]] = {
    "first": (FLEET, first),
    "later": (CHANGING, later),
    "well": ((GPU, LEGIT), well),
    "gaps": (APART, gaps),
    "implausible": (MANY, implausible),
    "modes": (FEW, modes),
    "undelivered": (FEW, undelivered),
    "uncertain": (FEW, uncertain),
    "commands": (FLEET, commands),
    "directories": (FEW, directories),
    "errors": (FEW, errors),
    "unread": (FEW, unread),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_slack_gets_what_it_got_before(name: str, tmp_path: Path) -> None:
    fleet, play = SCENARIOS[name]
    sandbox = Sandbox(fleet, ZONE, START.timestamp)
    sandbox.aws.set_time(START)
    SESSIONS.reset()  # what another sandbox's keys were
    with sandbox, patch.dict(os.environ, sandbox.environment() | ZONE_OF_TEST, clear=True):
        scenario = Scenario(sandbox, tmp_path)
        play(scenario)
    SESSIONS.reset()
    compare(name, scenario.files)


def test_no_file_is_left_over_that_no_scenario_writes() -> None:
    assert {path.name.split(".")[0] for path in FOLDER.iterdir()} == SCENARIOS.keys()
