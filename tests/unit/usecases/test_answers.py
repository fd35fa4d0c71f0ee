"""The answers offer the buttons that work where they are shown."""

from concurrent.futures import Future
from datetime import UTC

import pytest

from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.messages.buttons import ALL_OWNERS, FULL_REPORT, SHARE
from bailiff_bot.messages.document import Button, Buttons, Document
from bailiff_bot.usecases.answers import Answers
from bailiff_bot.usecases.reports import Reports
from tests.builders import DIRECTORY, NOW, instance, inventory
from tests.fakes.clock import FakeClock
from tests.fakes.executors import DeferredExecutor, ImmediateExecutor
from tests.fakes.snapshots import FakeSnapshotSource, make_snapshots

SOURCE = FakeSnapshotSource(Snapshot(inventory([instance(1, "agr-a", age=40)]), DIRECTORY))


@pytest.fixture
def answers() -> Answers:
    clock = FakeClock(NOW)
    return Answers(Reports(make_snapshots(SOURCE, ImmediateExecutor(), clock), Policy(), clock), UTC)


def buttons(document: Document) -> list[Button]:
    return [button for part in document.parts if isinstance(part, Buttons) for button in part.buttons]


def keys(document: Document) -> list[str]:
    return [button.key for button in buttons(document)]


def test_a_report_can_be_shared_only_where_it_is_shareable(answers: Answers) -> None:
    assert keys(answers.report(shareable=True)) == [SHARE, FULL_REPORT]
    assert keys(answers.report(shareable=False)) == [FULL_REPORT]


def test_ones_own_instances_can_be_sent_in_full(answers: Answers) -> None:
    assert [button.value for button in buttons(answers.mine("agr@octo.example"))] == ["agr@octo.example"]
    assert [button.value for button in buttons(answers.of_identifier("AGR"))] == ["AGR"]


def test_without_instances_there_is_nothing_to_send(answers: Answers) -> None:
    assert keys(answers.of_identifier("ALB")) == []


def test_the_home_tab_has_no_buttons(answers: Answers) -> None:
    documents = answers.home("agr@octo.example")
    assert len(documents) == 2
    assert [key for document in documents for key in keys(document)] == []


@pytest.mark.parametrize("value", [ALL_OWNERS, "AGR", "agr@octo.example"])
def test_the_button_of_a_requested_report_asks_for_the_same_report(answers: Answers, value: str) -> None:
    answer = answers.requested(value)
    assert (answer.button.key, answer.button.value) == (FULL_REPORT, value)
    assert answer.report.count == 1
    assert keys(answer.document("A note.", None)) == []


def test_before_the_first_scan_there_is_a_notice_and_the_answer_follows() -> None:
    clock, executor, retries = FakeClock(NOW), DeferredExecutor(), [0]
    waiting = Answers(Reports(make_snapshots(SOURCE, executor, clock), Policy(), clock), UTC)

    def retry(scan: Future[Snapshot]) -> None:
        retries[0] += scan.exception() is None

    assert waiting.when_ready(retry)
    assert retries == [0]
    executor.run_pending()
    assert retries == [1]
    assert waiting.when_ready(retry) is None
