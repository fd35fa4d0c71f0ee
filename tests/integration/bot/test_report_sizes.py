"""A full report of any size comes in at most twelve messages, none of them refused, with every instance in the CSV."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from bailiff_bot.domain.delivery import Batch, BatchKind, BatchPlan, Delivery
from bailiff_bot.domain.delivery import DeliveryState as Arrival
from bailiff_bot.domain.identity import NO_DIRECTORY
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.outbox.sender import OutboxSender
from bailiff_bot.sandbox.slack import RenderedMessage, SlackSandbox
from bailiff_bot.slack.blocks.renderer import SlackMessageRenderer
from bailiff_bot.slack.client.transport import SlackTransport
from bailiff_bot.slack.client.web import web_client
from tests.fakes.delivery_store import FakeDeliveryStore
from tests.integration.bot.conftest import ids
from tests.quick import QUICK

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TARGETS = (Target("111122223333", "eu-west-1"), Target("444455556666", "us-east-1"))
PATIENCE = timedelta(minutes=2)
ADA = "U0AGR00001"
PLAIN = ("agr-web", "prod-db", "hro-batch", "ALB demo", "")
WIDEST = ("🦀" * 128, "agr-" + "東" * 252, "<!channel>" * 25, "&" * 256, "``` " * 64)
"""Names of 256 characters, of which some count double and others are escaped to five times their length."""


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox() as sandbox:
        yield sandbox


def instance(number: int, names: tuple[str, ...]) -> Instance:
    """Return one of many instances: of every state, age and table."""
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


def report(count: int, names: tuple[str, ...] = PLAIN) -> Report:
    found = tuple(instance(number, names) for number in range(count))
    return judge(Inventory(found, TARGETS, (), NOW), NO_DIRECTORY, Policy(), NOW)


def posted(slack: SlackSandbox, one: Report) -> tuple[tuple[Delivery, ...], list[RenderedMessage]]:
    """Send a report to Ada, and return what became of its parts, and all the messages she then sees."""
    ada = slack.driver.user("ada")
    before = {message.ts for message in ada.visible_messages()}
    delivery_store, now = FakeDeliveryStore(), datetime.now(UTC)
    transport = SlackTransport(web_client(slack.bot_token, slack.api_url, retry_rate_limits=False))
    sender = OutboxSender(delivery_store, transport, "this process", lambda: datetime.now(UTC), Event().wait, QUICK)
    batch = Batch("report", BatchKind.FULL_REPORT, "now", ADA, now, now + PATIENCE, {})
    delivery_store.save_plan(BatchPlan(batch, SlackMessageRenderer(UTC, "#cloud-costs").full_report(one, ADA, ())))
    deliveries = sender.send_batch(batch, now + PATIENCE)
    (parent,) = [message for message in ada.visible_messages() if message.ts not in before]
    return deliveries, ada.visible_messages(thread=parent)


@pytest.mark.parametrize(
    ("count", "names"),
    [*((count, PLAIN) for count in (0, 1, 30, 300, 30_000)), *((count, WIDEST) for count in (1, 300, 3_000))],
    ids=lambda value: "widest" if value is WIDEST else None,
)
def test_a_report_of_any_size_arrives_whole(slack: SlackSandbox, count: int, names: tuple[str, ...]) -> None:
    refused = len(slack.driver.failures())
    deliveries, messages = posted(slack, report(count, names))
    assert {one.state for one in deliveries} == {Arrival.SENT}
    assert slack.driver.failures()[refused:] == []
    assert len(messages) <= 12
    (file,) = [file for message in messages for file in message.files]
    assert ids(file.text) == {f"i-{number:017x}" for number in range(count)}


def test_every_row_of_thirty_instances_stands_in_a_table(slack: SlackSandbox) -> None:
    one = report(30)
    _, messages = posted(slack, one)
    cells = {cell for message in messages for table in message.tables for row in table for cell in row}
    assert {row.instance.id for row in one.rows if row.controller is None} <= cells


def test_a_table_that_is_cut_says_where_and_that_the_csv_has_all(slack: SlackSandbox) -> None:
    _, messages = posted(slack, report(3_000))
    words = "\n".join(message.visible_text for message in messages)
    assert "all are in the CSV" in words
    assert "3,000 instances owe something" in words
