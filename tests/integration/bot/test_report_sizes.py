"""A full report of any size has at most twelve messages. Slack refuses none, and the CSV has every instance."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from bailiff_bot.domain.delivery import Delivery, DeliveryState
from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.outbox.batch_kind import BatchKind
from bailiff_bot.outbox.outbox import Outbox
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.outbox.worker import OutboxWorker
from bailiff_bot.sandbox.slack import RenderedMessage, SlackSandbox
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.web import web_client
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.full_report import FULL_REPORT, FullReports
from bailiff_bot.usecases.report_messages import ReportMessages
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.fakes.executors import ImmediateExecutor
from tests.integration.bot.conftest import ids
from tests.quick import QUICK

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TARGETS = (Target("111122223333", "eu-west-1"), Target("444455556666", "us-east-1"))
TIMEOUT = timedelta(minutes=2)
ADA = "U0AGR00001"
PLAIN_NAMES = ("agr-web", "prod-db", "hro-batch", "ALB demo", "")
WIDEST_NAMES = ("🦀" * 128, "agr-" + "東" * 252, "<!channel>" * 25, "&" * 256, "``` " * 64)
"""Names of 256 characters. Some characters count double, others become five times as long when escaped."""


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox() as sandbox:
        yield sandbox


def instance(number: int, names: tuple[str, ...]) -> Instance:
    """Return one of many instances. Together they have every state, age and table."""
    age = timedelta(days=number % 97, hours=3)
    managed = {"aws:autoscaling:groupName": f"group-{number % 7}"} if number % 11 == 10 else {}
    return Instance(
        id=f"i-{number:017x}",
        target=TARGETS[number % 2],
        type="m5.4xlarge",
        state=InstanceState.STOPPED if number % 3 else InstanceState.RUNNING,
        launched_at=NOW - age,
        transitioned_at=NOW - age / 2 if number % 3 else None,
        tags=({"Name": names[number % len(names)]} if number % 13 else {}) | managed,
    )


def report(count: int, names: tuple[str, ...] = PLAIN_NAMES) -> Report:
    instances = tuple(instance(number, names) for number in range(count))
    return judge(Snapshot(Inventory(instances, TARGETS, (), NOW), NO_DIRECTORY), Policy(), NOW)


def now() -> datetime:
    return datetime.now(UTC)


def send_full_report(slack: SlackSandbox, full_report: Report) -> tuple[tuple[Delivery, ...], list[RenderedMessage]]:
    """Send a full report to Ada. Returns its deliveries, and the messages of its thread, the parent first."""
    ada = slack.driver.user("ada")
    before = {message.ts for message in ada.visible_messages()}
    delivery_store = FakeDeliveryStore()
    transport = SlackTransport(web_client(slack.bot_token, slack.api_url, 10.0, retry_rate_limits=False))
    sender = OutboxSender(delivery_store, transport, "this process", now, Event().wait, QUICK.outbox)
    worker = OutboxWorker(delivery_store, sender, transport.edit, {FULL_REPORT: BatchKind()}, now)
    full_reports = FullReports(
        Planner(delivery_store, now), Outbox(worker, ImmediateExecutor, now), ReportMessages(render, pages, UTC)
    )
    full_reports.send(ADA, ReportPart(full_report)).result()
    deliveries = delivery_store.deliveries(delivery_store.plans[0].batch.id)
    (parent,) = [message for message in ada.visible_messages() if message.ts not in before]
    return deliveries, ada.visible_messages(thread=parent)


@pytest.mark.parametrize(
    ("count", "names"),
    [
        *((count, PLAIN_NAMES) for count in (0, 1, 30, 300, 30_000)),
        *((count, WIDEST_NAMES) for count in (1, 300, 3_000)),
    ],
    ids=lambda value: "widest" if value is WIDEST_NAMES else None,
)
def test_a_report_of_any_size_arrives_as_a_whole(slack: SlackSandbox, count: int, names: tuple[str, ...]) -> None:
    earlier_failures = len(slack.driver.failures())
    deliveries, messages = send_full_report(slack, report(count, names))
    assert {delivery.state for delivery in deliveries} == {DeliveryState.SENT}
    assert slack.driver.failures()[earlier_failures:] == []
    assert len(messages) <= 12
    (file,) = [file for message in messages for file in message.files]
    assert ids(file.text) == {f"i-{number:017x}" for number in range(count)}


def test_the_tables_have_every_row_of_thirty_instances(slack: SlackSandbox) -> None:
    full_report = report(30)
    _, messages = send_full_report(slack, full_report)
    cells = {cell for message in messages for table in message.tables for row in table for cell in row}
    assert {row.instance.id for row in full_report.rows if row.controller is None} <= cells


def test_a_shortened_table_says_that_the_csv_has_all_rows(slack: SlackSandbox) -> None:
    _, messages = send_full_report(slack, report(3_000))
    text = "\n".join(message.visible_text for message in messages)
    assert "all are in the CSV" in text
    assert "3,000 instances break a rule" in text
