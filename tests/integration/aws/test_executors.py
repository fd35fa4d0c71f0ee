"""Wide over targets: threads, processes, any order, and an end that comes early."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from multiprocessing import get_context
from typing import Any

import pytest

from bailiff_bot.aws import scanner
from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import Unread, UnreadReason
from tests.integration.aws.conftest import read, unread
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    LAB_ROLE,
    FakeAws,
    ec2_error,
    in_an_hour,
    page,
    regions,
    role_keys,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONCE = Limits(max_attempts=1)


class InOrder(Executor):
    """Finishes the tasks of one function in a given order, once all of them are there; others at once."""

    def __init__(self, order: tuple[int, ...]) -> None:
        self._order = order
        self._waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if task is not read_target:
            future.set_result(task(*arguments))
            return future
        self._waiting.append((future, lambda: task(*arguments)))
        if len(self._waiting) == len(self._order):
            threading.Thread(target=self._finish).start()
        return future

    def _finish(self) -> None:
        for number in self._order:
            future, run = self._waiting[number]
            future.set_result(run())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_targets_finish_does_not_matter(fake_aws: FakeAws, order: tuple[int, ...]) -> None:
    fake_aws.on("DescribeRegions", regions("us-east-1", "eu-west-1", "sa-east-1"))
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403), "sa-east-1")
    fake_aws.on("DescribeInstances", page(["i-9", "i-1"]), "us-east-1")
    inventory = AwsScanner(executor=InOrder(order), limits=ONCE).scan(NOW)
    assert [instance.id for instance in inventory.instances] == ["i-eu-west-1", "i-1", "i-9"]
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1"), (BOT_ACCOUNT, "us-east-1")]
    assert unread(inventory) == [(BOT_ACCOUNT, "sa-east-1", UnreadReason.ACCESS_DENIED)]


@pytest.mark.usefixtures("fake_aws")
def test_an_executor_that_was_given_is_used_and_left_running() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert len(AwsScanner(executor=pool, limits=ONCE).scan(NOW).read) == 2
        assert pool.submit(len, "abc").result() == 3


def test_other_processes_read_as_well_as_threads(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    by_threads = AwsScanner([LAB_ROLE], "shibboleth", limits=ONCE).scan(NOW)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert AwsScanner([LAB_ROLE], "shibboleth", executor=pool, limits=ONCE).scan(NOW) == by_threads
    assert len(by_threads.instances) == 4


def _broken(_access: Access, target: Target, _limits: Limits) -> Unread:
    raise ZeroDivisionError(target.region)


@pytest.mark.usefixtures("fake_aws")
def test_a_mistake_of_ours_ends_the_scan_with_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "read_target", _broken)
    with pytest.raises(ZeroDivisionError):
        AwsScanner(limits=ONCE).scan(NOW)


def test_a_scan_that_ends_early_starts_nothing_more(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_aws.on("DescribeRegions", regions(*(f"eu-west-{number}" for number in range(1, 9))))
    monkeypatch.setattr(scanner, "SCAN_THREADS", 1)

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AwsScanner(limits=ONCE).scan(NOW, interrupt)
    for thread in _scanning():
        thread.join()
    assert fake_aws.count("DescribeInstances") < 8


def _scanning() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name.startswith("scan"))
