"""Who owned an instance is told once that others own it now, by whatever replica, and counts as an owner no more."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from bailiff_bot.bootstrap.brakes import implausible
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.domain.subject import Subject
from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT
from bailiff_bot.sandbox.sandbox import Sandbox
from bailiff_bot.sandbox.slack import RenderedMessage
from bailiff_bot.settings.model import Settings
from bailiff_bot.slack.client.users import SlackUsers
from tests.integration.bot.conftest import ONE_REGION, SandboxUsers, days
from tests.integration.bot.databases import BACKENDS, new_database
from tests.program import Program, open_program
from tests.quick import QUICK

ADA, HECTOR = "agr@octo.example", "hro@octo.example"
NAMES = ("web", "db", "quiet", "away", "killed", "stays", *(f"many-{number}" for number in range(22)))
WITHOUT_TICKS = replace(QUICK, tick=timedelta(hours=1))
"""The tests say when the periodic work is done."""
ACTING = {
    "BAILIFF_ACTIONS": "keep,stop",
    "BAILIFF_ACTION_ROLE_ARNS": f"arn:aws:iam::{OWN_ACCOUNT}:role/bailiff-act",
    "BAILIFF_TRIAGE_CHANNEL": "cloud-costs",
}
FIXTURES = {
    name: InstanceFixture(key=name, name=f"agr-{name}", since_start=days(2), expected_table="legit") for name in NAMES
}


@pytest.fixture(scope="module")
def fleet() -> tuple[InstanceFixture, ...]:
    return tuple(FIXTURES.values())


@dataclass(frozen=True, slots=True)
class Owners:
    """Two replicas of a bot, and the fleet whose owners change."""

    sandbox: Sandbox
    replicas: tuple[Program, Program]

    @property
    def program(self) -> Program:
        return self.replicas[0]

    def rename(self, key: str, name: str) -> None:
        self.sandbox.aws.rename(FIXTURES[key].id, name)

    def since(self, key: str) -> dict[str, datetime]:
        subject = Subject(Target(OWN_ACCOUNT, "eu-west-1"), FIXTURES[key].id)
        return dict(self.program.shared.store.owner_sightings.since(subject))

    def told(self, users: SandboxUsers, name: str, text: str) -> list[RenderedMessage]:
        """Return the direct messages of a user that say a text."""
        return [one for one in users.driver.user(name).visible_messages() if text in one.visible_text]


@contextmanager
def running(sandbox: Sandbox, database: str, **settings: str) -> Iterator[Owners]:
    environment = sandbox.environment(BAILIFF_DATABASE_URL=database, **{**ONE_REGION, **ACTING, **settings})
    with patch.dict(os.environ, environment, clear=True), ExitStack() as stack:
        one, other = (stack.enter_context(open_program(Settings(), timing=WITHOUT_TICKS)) for _ in range(2))
        one.shared.snapshots.scan()
        yield Owners(sandbox, (one, other))


@pytest.fixture(params=BACKENDS)
def owners(sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Owners]:
    for fixture in FIXTURES.values():
        sandbox.aws.rename(fixture.id, fixture.name)
    with running(sandbox, new_database(request.param, request, tmp_path)) as found:
        yield found


def new(messages: list[RenderedMessage], before: list[RenderedMessage]) -> list[RenderedMessage]:
    """Return the messages that were not there before: the tests of both databases share one Slack."""
    return [one for one in messages if one.ts not in {earlier.ts for earlier in before}]


def test_the_former_owner_is_told_once_on_two_replicas_in_one_message(owners: Owners, users: SandboxUsers) -> None:
    before = owners.told(users, "ada", "agr") + owners.told(users, "ada", "hro")
    first = owners.since("web")
    owners.rename("web", "hro-web")
    owners.rename("db", "hro-db")
    owners.program.shared.snapshots.scan()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(Program.run_due, owners.replicas))
    for replica in owners.replicas:
        replica.run_due()

    [told] = new(owners.told(users, "ada", "hro-web"), before)
    assert "2 instances that you owned belong to others now" in told.visible_text
    assert f"hro-web ({FIXTURES['web'].id})\n belongs to HRO ({HECTOR}) now, by its name" in told.visible_text
    assert "hro-db" in told.visible_text
    assert "ask in #cloud-costs: an administrator of Bailiff can assign it back to you" in told.visible_text
    assert "only after 24 hours" in told.visible_text
    assert new(owners.told(users, "hector", "belongs to"), before) == []
    assert list(first) == [ADA]
    assert list(owners.since("web")) == [HECTOR]
    assert owners.since("web")[HECTOR] > first[ADA]
    assert list(owners.since("stays").values()) == [first[ADA]]


def test_of_one_instance_the_notification_says_all(owners: Owners, users: SandboxUsers) -> None:
    before = owners.told(users, "ada", "killed")
    owners.rename("killed", "hro-killed")
    owners.program.shared.snapshots.scan()
    with patch.object(type(owners.program.slack.outbox), "submit"):
        owners.program.slack.owner_changes.run_due()  # killed before the message is sent
    assert new(owners.told(users, "ada", "killed"), before) == []
    owners.replicas[1].run_due()
    [told] = new(owners.told(users, "ada", "killed"), before)
    assert told.text == f"hro-killed ({FIXTURES['killed'].id}) belongs to HRO ({HECTOR}) now, by its name."


def test_while_slack_does_not_say_who_the_former_owner_is_it_is_not_lost(owners: Owners, users: SandboxUsers) -> None:
    before = owners.told(users, "ada", "hro-away")
    owners.rename("away", "hro-away")
    owners.program.shared.snapshots.scan()
    failed = NoOwner("Slack did not answer", lookup_failed=True)
    with patch.object(SlackUsers, "owners", lambda _, addresses: dict.fromkeys(addresses, failed)):
        owners.program.run_due()
    assert new(owners.told(users, "ada", "hro-away"), before) == []
    owners.program.run_due()
    assert len(new(owners.told(users, "ada", "hro-away"), before)) == 1


def test_without_nudges_nobody_is_told_not_even_later(owners: Owners, users: SandboxUsers) -> None:
    owners.rename("quiet", "hro-quiet")
    owners.program.shared.snapshots.scan()
    with capture_logs() as logs:
        replace(owners.program.slack.owner_changes, nudges="dry-run").run_due()
    found = [one["reason"] for one in logs if one["event"] == "owner_change.not_sent"]
    assert found == ["BAILIFF_NUDGES is dry-run"]
    owners.program.run_due()
    assert owners.told(users, "ada", "hro-quiet") == []


def test_when_many_owners_changed_actions_are_implausible_on_each_replica(owners: Owners) -> None:
    found = [implausible(replica.shared) for replica in owners.replicas]
    assert [one.reason() for one in found] == ["", ""]
    for name in NAMES:
        owners.rename(name, f"hro-{name}" if name.startswith("many") else f"agr-{name}")
    owners.program.shared.snapshots.scan()
    reason = f"22 of {len(NAMES)} instances changed their owner in 24 hours"
    assert [one.reason() for one in found] == [reason, reason]


def test_if_bailiff_changes_nothing_in_aws_no_owner_is_recorded(sandbox: Sandbox, tmp_path: Path) -> None:
    with running(sandbox, f"sqlite:///{tmp_path / 'bailiff.sqlite'}", BAILIFF_ACTIONS="keep") as owners:
        assert owners.since("stays") == {}
