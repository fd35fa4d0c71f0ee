"""Compares the payload of every kind of message that Bailiff sends with `tests/golden/messages`.

A file is named `scenario.step.kind.json`. To change messages on purpose, run
`UPDATE_GOLDEN=1 .venv/bin/python -m pytest tests/integration/bot/test_golden_messages.py` and read the difference.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditRecord, AuditResult, Person
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.offer import ANSWER, Offer
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.sandbox.aws.fleet import FLEET
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import BOT_USER_ID, DIRECTORY, OWN_ACCOUNT, DirectoryEntryFixture
from bailiff_bot.sandbox.sandbox import Sandbox
from tests.integration.bot.conftest import ANSWER_TIMEOUT, FLEET_REGIONS, GPU, LEGIT, ONE_REGION, RETIRED, days
from tests.integration.bot.golden import FOLDER, HOME, REPLY, START, ZONE, Scenario, compare

FLEET_SETTINGS = {"BAILIFF_REGIONS": FLEET_REGIONS}
TWO_REGIONS = {"BAILIFF_REGIONS": "eu-west-1,us-east-1", "BAILIFF_ROLE_ARNS": ""}
POST = "chat.postMessage"
CHANNEL = "cloud-costs"
ADA_CONVERSATION, HECTOR_CONVERSATION = "D0AGR00001", "D0HRO00003"
"""The direct conversations of Ada and Hector with the bot."""

TEST_TIME_ZONE = {"TZ": os.environ.get("TZ", "UTC")}
"""The time zone that the tests run in. No message may depend on it."""


def unused_instance(name: str, region: str = "eu-west-1") -> InstanceFixture:
    """Return an instance that has run for too long."""
    return InstanceFixture(
        key=name, name=name, since_start=days(60), region=region, expected_table="stopped-when-unused"
    )


FEW_INSTANCES = (GPU, RETIRED, LEGIT)
CHANGING_INSTANCES = (*FEW_INSTANCES, *map(unused_instance, ("agr-lab", "agr-moves", "alb-one", "nabe-one")))
TWO_REGION_INSTANCES = (
    unused_instance("agr-here"),
    unused_instance("agr-goes"),
    unused_instance("agr-there", "us-east-1"),
    LEGIT,
)
EXPLAINED_INSTANCES = (
    *FEW_INSTANCES,
    *(replace(unused_instance("alb-twin"), key=key) for key in ("twin-1", "twin-2")),
    *(
        InstanceFixture(
            key=key,
            name="node",
            since_start=days(40),
            tags=(("aws:autoscaling:groupName", "agr-workers"),),
            expected_table="managed",
        )
        for key in ("node-1", "node-2")
    ),
)
MANY_INSTANCES = (
    GPU,
    RETIRED,
    *(InstanceFixture(key=f"m{n}", name=f"nabe-{n}", since_start=days(5), expected_table="legit") for n in range(20)),
)


def first_digest(scenario: Scenario) -> None:
    """The first digest, of the whole fleet, with one region that cannot be read."""
    scenario.digest("digest", **FLEET_SETTINGS)


def later_digests(scenario: Scenario) -> None:
    """Later digests: instances are fixed, new or renamed; the rules change; an owner is reminded."""
    scenario.digest("", **ONE_REGION)
    for instance_id in ("agr-lab", "nabe-one"):
        scenario.sandbox.aws.delete(instance_id)
    scenario.sandbox.aws.rename("agr-moves", "alb-moves")
    scenario.sandbox.aws.add(unused_instance("alb-new"))
    scenario.digest("changes", **ONE_REGION)
    scenario.digest("new-rules", **ONE_REGION, BAILIFF_RUNNING_DAYS="365")
    scenario.sandbox.advance_time(days(5))
    scenario.digest("reminder", **ONE_REGION, BAILIFF_RUNNING_DAYS="365")


def no_findings(scenario: Scenario) -> None:
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
    scenario.sandbox.askbob.replace_entries([entry for entry in DIRECTORY if entry.trigram in {"AGR", "HRO"}])
    scenario.sandbox.aws.add(unused_instance("hro-new"))
    for instance_id in (GPU.id, *(f"m{n}" for n in range(15))):
        scenario.sandbox.aws.delete(instance_id)
    scenario.digest("shrunk", **ONE_REGION)


def modes(scenario: Scenario) -> None:
    """Digests that notify no owner: dry run, off, preview."""
    for mode in ("dry-run", "off"):
        scenario.digest(mode, database=mode, **ONE_REGION, BAILIFF_NUDGES=mode)
    with scenario.program(**ONE_REGION) as program:
        program.preview("U0BIL00007")
    scenario.record("preview")


def undelivered(scenario: Scenario) -> None:
    """Digests of which Slack refuses single messages, then the blocks of each message."""
    scenario.driver.inject_fault("slow", POST, channel=CHANNEL)  # the parent succeeds
    scenario.driver.inject_fault("refuse", POST, channel=CHANNEL, error="restricted_action")
    scenario.driver.inject_fault("refuse", POST, channel=HECTOR_CONVERSATION, error="cannot_dm_user")
    scenario.driver.inject_fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled")
    scenario.digest("refused", database="refused", **ONE_REGION)
    for channel, messages in ((CHANNEL, 3), (ADA_CONVERSATION, 1), (HECTOR_CONVERSATION, 1)):
        for _ in range(messages):
            scenario.driver.inject_fault("refuse", POST, channel=channel, error="invalid_blocks")
            scenario.driver.inject_fault("slow", POST, channel=channel)  # the fallback succeeds
    scenario.driver.inject_fault("refuse", "chat.update", error="invalid_blocks")
    scenario.digest("blocks", database="blocks", **ONE_REGION)


def uncertain(scenario: Scenario) -> None:
    """Digests with a direct message that may or may not have arrived."""
    scenario.driver.inject_fault("drop_before", POST, channel=HECTOR_CONVERSATION)
    scenario.driver.inject_fault("server_error", "conversations.open", times=None)
    with ThreadPoolExecutor(1) as sender:
        digest = sender.submit(scenario.digest, "digest", **ONE_REGION)
        # Parent, table, summary, three calls for the file, two direct messages; then it only looks up the lost one.
        scenario.driver.wait_for(lambda: len(scenario.new_calls()) == 8, ANSWER_TIMEOUT)
        scenario.sandbox.advance_time(days(0.5))
        digest.result()
    scenario.driver.clear_faults()
    scenario.digest("after", **ONE_REGION)


def commands(scenario: Scenario) -> None:
    """Answers to commands and clicks, and the Home tab, before and after the first scan."""

    def before() -> None:
        scenario.record_answer("before-scan", "ada", "/bailiff report")
        scenario.record_home("before-scan", "ada")

    with scenario.serving(FLEET_SETTINGS, before):
        scenario.record("after-scan", REPLY, HOME)
        scenario.sandbox.advance_time(timedelta(minutes=10))
        for step, user, command in (
            ("mine", "ada", "/bailiff mine"),
            ("mine-nothing-owed", "nadia", "/bailiff mine"),
            ("mine-not-known", "bill", "/bailiff mine"),
            ("mine-identifier", "ada", "/bailiff mine HRO"),
            ("mine-no-instances", "ada", "/bailiff mine ZZZ"),
            ("mine-of-a-user", "ada", "/bailiff mine @hector eu-west-1"),
            ("mine-of-a-guest", "ada", "/bailiff mine @gus"),
            ("report-filtered", "ada", "/bailiff report eu-west-1 AGR long running"),
            ("report-not-read", "ada", "/bailiff report sa-east-1"),
            ("report-not-scanned", "ada", "/bailiff report eu-west-2"),
            ("unknown-filter", "ada", "/bailiff report eu-wst AGR"),
            ("help", "ada", "/bailiff help"),
            ("nothing-typed", "ada", "/bailiff"),
            ("unknown", "ada", "/bailiff repotr"),
            ("guest", "gus", "/bailiff report"),
        ):
            scenario.record_answer(step, user, command, "bailiff" if user == "gus" else "general")
        for user in ("ada", "bill", "gus"):
            scenario.record_home(f"home-{user}", user)
        scenario.record_answer("report-direct", "ada", "/bailiff report", "bailiff")
        report = scenario.record_answer("report", "ada", "/bailiff report", CHANNEL)
        scenario.record_click("share", "ada", report, "Share in channel")
        scenario.record_click("full-report", "ada", report, "Full report")
        answer = scenario.record_answer("mine-in-channel", "ada", "/bailiff mine", CHANNEL)
        scenario.record_click("full-report-mine", "ada", answer, "Full report")


def explanations(scenario: Scenario) -> None:
    """Answers to why, after a digest: to the owner who was told and to somebody else, and if nothing is explained."""
    scenario.digest("", **ONE_REGION)
    with scenario.serving(ONE_REGION):
        for step, user, name in (
            ("told", "ada", GPU.id),
            ("somebody-else", "bill", GPU.id),
            ("compliant", "bill", LEGIT.name),
            ("controller", "bill", "node"),
            ("several", "bill", "alb-twin"),
            ("not-found", "bill", "agr-gup"),
            ("nothing-typed", "bill", ""),
        ):
            scenario.record_answer(step, user, f"/bailiff why {name}".strip())


def triage(scenario: Scenario) -> None:
    """What people say is not theirs: posted, assigned to a guest in vain, then to a colleague."""
    settings = {**ONE_REGION, "BAILIFF_TRIAGE_CHANNEL": CHANNEL, "BAILIFF_ADMINS": "U0BIL00007"}
    with scenario.serving(settings) as program:
        program.disclaim("agr-gpu", "U0AGR00001", "Ada Granger")
        program.disclaim("hro-old", "U0AGR00001", "Ada Granger")
        program.disclaim("hro-old", "U0HRO00003", "Hector Romano")
        scenario.sandbox.advance_time(timedelta(minutes=1))
        program.run_due()
        scenario.record("posted", POST)
        scenario.record_home("home", "bill")
        bill = scenario.driver.user("bill")
        [message] = bill.visible_messages(CHANNEL)
        bill.click(message, "Assign to...", near="hro-old")
        scenario.record("asked", "views.open", "views.update")
        for step, owner, edits in (("guest", "gus", 0), ("assigned", "albert", 1)):
            modal = bill.modal()
            assert modal
            assert bill.submit_modal(modal, {"New owner": owner}).acknowledged
            scenario.record(step, "views.update", *["chat.update"] * edits)


def delegates(scenario: Scenario) -> None:
    """A delegate: the answers, the messages to both, the copies and their edits, and the end."""
    with scenario.serving(ONE_REGION, lambda: scenario.run_command("ada", "/bailiff report")):
        scenario.record("", REPLY, REPLY)
        scenario.run_command("ada", "/bailiff delegate @hector 14d AGR")
        scenario.record("begin", REPLY, POST)
        scenario.record_answer("list", "hector", "/bailiff delegates")
        scenario.record_answer("not-a-member", "ada", "/bailiff delegate @gus 14d")
        scenario.record_answer("wrong-time", "ada", "/bailiff delegate @hector 14")
        scenario.record_answer("mine-of-the-owner", "hector", "/bailiff mine @ada")
        scenario.record_home("home", "hector")
        scenario.record_answer("why", "hector", f"/bailiff why {GPU.id}")
    scenario.digest("copy", **ONE_REGION)
    scenario.sandbox.aws.delete(GPU.id)
    scenario.digest("copy-fixed", **ONE_REGION)
    with scenario.serving(ONE_REGION):
        scenario.run_command("ada", "/bailiff delegate @hector off")
        scenario.record("end", REPLY, POST)
        scenario.record_answer("empty-list", "ada", "/bailiff delegates")


def brake(scenario: Scenario) -> None:
    """The brake: its state, put on and taken off by administrators, refused to others, and on the Home tab."""
    role = "arn:aws:iam::111122223333:role/bailiff-act"
    acting = {"BAILIFF_ACTIONS": "keep,not-mine,stop", "BAILIFF_ACTION_ROLE_ARNS": role}
    admins = {"BAILIFF_ADMINS": "U0BIL00007,U0NABE0004", "BAILIFF_TRIAGE_CHANNEL": CHANNEL}
    with scenario.serving({**ONE_REGION, **acting, **admins}, lambda: scenario.run_command("ada", "/bailiff report")):
        scenario.record("", REPLY, REPLY)
        scenario.record_answer("shown", "ada", "/bailiff brake")
        scenario.record_answer("refused", "ada", "/bailiff brake on")
        scenario.run_command("bill", "/bailiff brake on")
        scenario.record("on", REPLY, POST)
        scenario.record_answer("already", "nadia", "/bailiff brake on")
        scenario.record_home("home", "bill")
        scenario.sandbox.advance_time(timedelta(minutes=30))
        scenario.run_command("nadia", "/bailiff brake off")
        scenario.record("off", REPLY, POST)
        scenario.record_answer("wrong-word", "bill", "/bailiff brake onn")


def directories(scenario: Scenario) -> None:
    """Answers to somebody unknown, without a directory and with an incomplete one."""

    def before() -> None:
        scenario.record_answer("", "bill", "/bailiff mine")

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
        scenario.record_answer("no-answer", "ada", "/bailiff report")
        scenario.driver.user("bill").invite_bot("ops-private")
        report = scenario.record_answer("", "bill", "/bailiff report", "ops-private")
        scenario.driver.remove_member(BOT_USER_ID, "ops-private")
        scenario.record_click("not-shared", "bill", report, "Share in channel", replies=1)
        scenario.driver.inject_fault("refuse", POST, error="restricted_action")
        scenario.record_click("full-report-refused", "bill", report, "Full report", replies=3)
        scenario.driver.inject_fault("refuse", "files.getUploadURLExternal", error="file_upload_disabled")
        scenario.record_click("full-report-without-file", "bill", report, "Full report")
        report = scenario.record_answer("", "ada", "/bailiff report", CHANNEL)
        scenario.driver.inject_fault("refuse", POST, error="restricted_action")
        scenario.record_click("share-refused", "ada", report, "Share in channel", replies=3)
        scenario.clock.fails = True
        scenario.record_answer("unforeseen", "ada", "/bailiff report")
        scenario.clock.fails = False
        with scenario.clock.paused():
            scenario.run_command("ada", "/bailiff report")  # keeps a worker busy, so that the stop takes time
            scenario.driver.wait_for(scenario.clock.reader_waits.is_set)
            program.stop()
            scenario.driver.wait_for(lambda: scenario.run_command("ada", "/bailiff report"))
            scenario.record("restart", only=1)


def unread_everything(scenario: Scenario) -> None:
    """Answers when AWS refuses the credentials."""
    scenario.sandbox.aws.expire_credentials()
    with scenario.serving(ONE_REGION, lambda: scenario.run_command("ada", "/bailiff report")):
        scenario.record("report", REPLY, REPLY)
        scenario.record_answer("mine", "ada", "/bailiff mine")


def notices(scenario: Scenario) -> None:
    """Messages to other owners: that an instance is kept, then that this was ended, and the next digest's thread."""
    scenario.digest("", **ONE_REGION)
    with scenario.program(**ONE_REGION) as program:
        snapshot, now = program.store.snapshots.latest(), scenario.clock()
        assert snapshot
        subject = next(instance_subject(one) for one in snapshot.inventory.instances if one.name == GPU.name)
        ada, hector = Person("U0AGR00001", "Ada Granger"), Person("U0HRO00003", "Hector Romano")
        kept_in, ended_in = (
            Offer(key, subject, f"{GPU.name} (g5.xlarge)", "", ANSWER, now, made_id)
            for key, made_id in (("a", ""), ("b", "1"))
        )
        program.store.offers.save([kept_in, ended_in])
        until, owners = now + days(14), ("agr@octo.example", "hro@octo.example")
        kept = ActionResult(kept_in, Action.KEEP, ada.user_id, ada.name, now, "1", until, "for a demo", owners=owners)
        grant = Grant("1", subject, frozenset(RuleId), until, "for a demo", ada.user_id, ada.name, now)
        program.store.action_results.keep(kept, grant, AuditRecord(now, ada, "keep", AuditResult.DONE, subject))
        program.run_due()
        scenario.record("kept")
        ended = ActionResult(ended_in, Action.END, hector.user_id, hector.name, now, "1", owners=owners)
        program.store.action_results.end(ended, AuditRecord(now, hector, "end", AuditResult.DONE, subject))
        program.run_due()
        scenario.record("ended")
    scenario.digest("settled", **ONE_REGION)


def owner_changes(scenario: Scenario) -> None:
    """Messages to who owned an instance before, then several."""
    role = f"arn:aws:iam::{OWN_ACCOUNT}:role/bailiff-act"
    acting = {"BAILIFF_ACTIONS": "keep,not-mine,stop", "BAILIFF_ACTION_ROLE_ARNS": role}
    with scenario.program(**ONE_REGION, **acting, BAILIFF_TRIAGE_CHANNEL=CHANNEL) as program:
        program.scan()
        for step, keys in (("one", ["agr-lab"]), ("several", [GPU.id, "agr-moves"])):
            for number, key in enumerate(keys):
                scenario.sandbox.aws.rename(key, f"hro-{step}-{number}")
            scenario.sandbox.advance_time(timedelta(hours=1))
            program.scan()
            program.run_due()
            scenario.record(step)


SCENARIOS: dict[str, tuple[tuple[InstanceFixture, ...], Callable[[Scenario], None]]] = {
    "first": (FLEET, first_digest),
    "notices": (FEW_INSTANCES, notices),
    "owners": (CHANGING_INSTANCES, owner_changes),
    "later": (CHANGING_INSTANCES, later_digests),
    "well": ((GPU, LEGIT), no_findings),
    "gaps": (TWO_REGION_INSTANCES, gaps),
    "implausible": (MANY_INSTANCES, implausible),
    "modes": (FEW_INSTANCES, modes),
    "undelivered": (FEW_INSTANCES, undelivered),
    "uncertain": (FEW_INSTANCES, uncertain),
    "commands": (FLEET, commands),
    "delegates": (FEW_INSTANCES, delegates),
    "why": (EXPLAINED_INSTANCES, explanations),
    "brake": (FEW_INSTANCES, brake),
    "directories": (FEW_INSTANCES, directories),
    "errors": (FEW_INSTANCES, errors),
    "triage": (FEW_INSTANCES, triage),
    "unread": (FEW_INSTANCES, unread_everything),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_slack_gets_the_messages_in_the_golden_files(name: str, tmp_path: Path) -> None:
    fleet, run_scenario = SCENARIOS[name]
    sandbox = Sandbox(fleet, ZONE, START.timestamp)
    sandbox.aws.set_time(START)
    SESSIONS.reset()  # it may hold another sandbox's keys
    with sandbox, patch.dict(os.environ, sandbox.environment() | TEST_TIME_ZONE, clear=True):
        scenario = Scenario(sandbox, tmp_path)
        run_scenario(scenario)
    SESSIONS.reset()
    compare(name, scenario.files)


def test_every_golden_file_belongs_to_a_scenario() -> None:
    assert {path.name.split(".")[0] for path in FOLDER.iterdir()} == SCENARIOS.keys()
