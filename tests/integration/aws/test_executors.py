"""Scans with executors: threads, processes, any order of completion, and an early end."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import permutations
from multiprocessing import get_context
from typing import Any

import pytest

from bailiff_bot.aws import pools, scanner
from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason
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


class OrderedExecutor(Executor):
    """Runs the calls of `read_target` in a given order once all are submitted, and every other call at once."""

    def __init__(self, order: tuple[int, ...]) -> None:
        self._order = order
        self._pending: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if task is not read_target:
            future.set_result(task(*arguments))
            return future
        self._pending.append((future, lambda: task(*arguments)))
        if len(self._pending) == len(self._order):
            threading.Thread(target=self._finish).start()
        return future

    def _finish(self) -> None:
        for number in self._order:
            future, call = self._pending[number]
            future.set_result(call())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_targets_finish_does_not_matter(fake_aws: FakeAws, order: tuple[int, ...]) -> None:
    fake_aws.on("DescribeRegions", regions("us-east-1", "eu-west-1", "sa-east-1"))
    fake_aws.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403), "sa-east-1")
    fake_aws.on("DescribeInstances", page(["i-9", "i-1"]), "us-east-1")
    inventory = AwsScanner(executor=OrderedExecutor(order), limits=ONCE).scan(NOW)
    assert [instance.id for instance in inventory.instances] == ["i-eu-west-1", "i-1", "i-9"]
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1"), (BOT_ACCOUNT, "us-east-1")]
    assert unread(inventory) == [(BOT_ACCOUNT, "sa-east-1", UnreadReason.ACCESS_DENIED)]


@pytest.mark.usefixtures("fake_aws")
def test_a_given_executor_is_used_and_not_shut_down() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert len(AwsScanner(executor=pool, limits=ONCE).scan(NOW).read) == 2
        assert pool.submit(len, "abc").result() == 3


def test_processes_read_the_same_inventory_as_threads(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], "shibboleth", limits=ONCE).scan(NOW)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert AwsScanner([LAB_ROLE], "shibboleth", executor=pool, limits=ONCE).scan(NOW) == inventory
    assert len(inventory.instances) == 4


def _fail(_access: Access, target: Target, _limits: Limits) -> Gap:
    raise ZeroDivisionError(target.region)


@pytest.mark.usefixtures("fake_aws")
def test_a_bug_in_the_reader_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "read_target", _fail)
    with pytest.raises(ZeroDivisionError):
        AwsScanner(limits=ONCE).scan(NOW)


def test_an_interrupted_scan_starts_no_more_targets(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_aws.on("DescribeRegions", regions(*(f"eu-west-{number}" for number in range(1, 9))))
    monkeypatch.setattr(pools, "THREADS", 1)

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AwsScanner(limits=ONCE).scan(NOW, interrupt)
    for thread in _scan_threads():
        thread.join()
    assert fake_aws.count("DescribeInstances") < 8


def _scan_threads() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name.startswith("scan"))
