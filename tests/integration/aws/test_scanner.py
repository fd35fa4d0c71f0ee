"""The whole scan against canned answers: order, executors, accounts, keys."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from bailiff_bot.aws import scanner
from bailiff_bot.aws.access import OWN_ACCOUNT, Access, Limits
from bailiff_bot.aws.read import read_target
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import WHOLE_ACCOUNT, Inventory, Reason, Unread
from tests.integration.aws.canned import (
    HTML,
    OWN,
    Asked,
    Canned,
    Reply,
    ec2_error,
    identity,
    in_turn,
    page,
    regions,
    role_keys,
    sts_error,
)
from tests.integration.aws.conftest import KEYS, Point

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LAB = "444455556666"
LAB_ROLE = f"arn:aws:iam::{LAB}:role/bailiff-read"
THIRD_ROLE = "arn:aws:iam::777788889999:role/bailiff-read"
ONCE = Limits(attempts=1)
IMPATIENT = Limits(read=2, attempts=1)


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def unread(inventory: Inventory) -> list[tuple[str, str, Reason]]:
    return [(row.target.account, row.target.region, row.reason) for row in inventory.unread]


def read(inventory: Inventory) -> list[tuple[str, str]]:
    return [(target.account, target.region) for target in inventory.read]


def test_all_that_is_enabled_is_read_and_nothing_else_is_asked(canned: Canned) -> None:
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1"), (OWN, "us-east-1")]
    assert [instance.id for instance in inventory.instances] == ["i-eu-west-1", "i-us-east-1"]
    assert inventory.unread == ()
    assert inventory.at == NOW
    assert canned.count("DescribeInstances", "me-south-1") == 0


def test_configured_regions_that_cannot_be_read_are_named(canned: Canned) -> None:
    inventory = AwsScanner(regions=["us-east-1", "mars-1", "me-south-1", "us-east-1"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "us-east-1")]
    assert unread(inventory) == [(OWN, "mars-1", Reason.UNKNOWN_REGION), (OWN, "me-south-1", Reason.NOT_ENABLED)]
    assert canned.count("DescribeInstances") == 1


def test_configured_regions_speak_for_themselves_when_they_cannot_be_listed(canned: Canned) -> None:
    canned.on("DescribeRegions", ec2_error("UnauthorizedOperation", status=403))
    canned.on("DescribeInstances", ec2_error("OptInRequired"), "me-south-1")
    inventory = AwsScanner(regions=["eu-west-1", "me-south-1"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1")]
    assert unread(inventory) == [(OWN, "me-south-1", Reason.NOT_ENABLED)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ec2_error("UnauthorizedOperation", status=403), Reason.ACCESS_DENIED),
        (regions(), Reason.BAD_ANSWER),
        (Reply(HTML), Reason.BAD_ANSWER),
        (regions(""), Reason.BAD_ANSWER),
    ],
)
def test_an_account_whose_regions_cannot_be_listed_is_unread(canned: Canned, answer: Reply, reason: Reason) -> None:
    canned.on("DescribeRegions", answer)
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN, WHOLE_ACCOUNT, reason)]
    assert read(inventory) == []


def test_a_partition_is_taken_from_the_caller(canned: Canned) -> None:
    canned.on("GetCallerIdentity", identity(partition="aws-cn"))
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert {target.partition for target in inventory.read} == {"aws-cn"}


def test_progress_is_told_from_nothing_to_all(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(cut=True), "us-east-1")
    told: list[tuple[int, int]] = []
    AwsScanner(limits=ONCE).scan(NOW, lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_one_dead_region_costs_no_other(canned: Canned) -> None:
    canned.on("DescribeInstances", Reply(hang=True), "us-east-1")
    inventory = AwsScanner(limits=IMPATIENT).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1")]
    assert unread(inventory) == [(OWN, "us-east-1", Reason.TIMED_OUT)]


# Other accounts


def test_a_role_is_assumed_under_our_name_with_the_external_id(canned: Canned) -> None:
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], "shibboleth", limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1"), (OWN, "us-east-1"), (LAB, "eu-west-1"), (LAB, "us-east-1")]
    asked = next(asked for asked in canned.asked if asked.action == "AssumeRole")
    assert {"RoleArn": LAB_ROLE, "ExternalId": "shibboleth", "RoleSessionName": "bailiff"}.items() <= asked.form.items()


def test_a_role_without_an_external_id_is_asked_for_none(canned: Canned) -> None:
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert all("ExternalId" not in asked.form for asked in canned.asked)


def test_a_role_is_assumed_once_for_all_its_targets_and_scans(canned: Canned) -> None:
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    for _ in range(2):
        AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert canned.count("AssumeRole") == 1


def test_keys_about_to_expire_are_renewed(canned: Canned) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=12)
    canned.on("AssumeRole", in_turn(role_keys(1, soon), role_keys(2, in_an_hour())))
    AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    used = {asked.access_key for asked in canned.asked if asked.action == "DescribeInstances"}
    assert used == {KEYS["AWS_ACCESS_KEY_ID"], "ASIAROLEKEY000000002"}


def test_keys_that_were_revoked_are_fetched_anew(canned: Canned) -> None:
    canned.on("AssumeRole", in_turn(role_keys(1, in_an_hour()), role_keys(2, in_an_hour())))
    bot = AwsScanner([LAB_ROLE], limits=ONCE)
    assert unread(bot.scan(NOW)) == []

    def revoked(asked: Asked) -> Reply:
        return ec2_error("RequestExpired") if asked.access_key.endswith("1") else regions("eu-west-1")

    canned.on("DescribeRegions", revoked)
    inventory = bot.scan(NOW)
    assert unread(inventory) == []
    assert (LAB, "eu-west-1") in read(inventory)


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (sts_error("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole"), Reason.ROLE_REFUSED),
        (sts_error("ValidationError", status=400), Reason.ROLE_REFUSED),
        (sts_error("Throttling", status=400), Reason.THROTTLED),
        (sts_error("RegionDisabledException"), Reason.NOT_ENABLED),
        (Reply(cut=True), Reason.UNREACHABLE),
        (Reply(b"<html></html>"), Reason.BAD_ANSWER),
        (role_keys(1, datetime(2026, 1, 1, tzinfo=UTC)), Reason.EXPIRED_CREDENTIALS),
    ],
)
def test_an_account_that_cannot_be_entered_keeps_no_other_away(canned: Canned, refusal: Reply, reason: Reason) -> None:
    def only_the_third(asked: Asked) -> Reply:
        return refusal if asked.form["RoleArn"] == LAB_ROLE else role_keys(1, in_an_hour())

    canned.on("AssumeRole", only_the_third)
    inventory = AwsScanner([LAB_ROLE, THIRD_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(LAB, WHOLE_ACCOUNT, reason)]
    assert {account for account, _ in read(inventory)} == {OWN, "777788889999"}


def test_a_role_in_the_bots_own_account_is_used_and_the_account_read_once(canned: Canned) -> None:
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    own_role = f"arn:aws:iam::{OWN}:role/bailiff-read"
    inventory = AwsScanner([own_role, own_role + "-too"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(OWN, "eu-west-1"), (OWN, "us-east-1")]
    assert [asked.form["RoleArn"] for asked in canned.asked if asked.action == "AssumeRole"] == [own_role]


# The bot's own credentials


@pytest.mark.parametrize("answer", [Reply(HTML), identity(account=""), identity(account="<a/><a/>")])
def test_without_its_own_number_the_other_accounts_still_come(canned: Canned, answer: Reply) -> None:
    canned.on("GetCallerIdentity", answer)
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN_ACCOUNT, WHOLE_ACCOUNT, Reason.BAD_ANSWER)]
    assert read(inventory) == [(LAB, "eu-west-1"), (LAB, "us-east-1")]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (sts_error("InvalidClientTokenId"), Reason.BAD_CREDENTIALS),
        (sts_error("ExpiredToken"), Reason.EXPIRED_CREDENTIALS),
        (sts_error("SignatureDoesNotMatch", "Signature expired: a is now earlier than b"), Reason.CLOCK_SKEW),
    ],
)
def test_useless_credentials_are_one_reason_for_every_account(canned: Canned, refusal: Reply, reason: Reason) -> None:
    canned.on("GetCallerIdentity", refusal)
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(LAB, WHOLE_ACCOUNT, reason), (OWN_ACCOUNT, WHOLE_ACCOUNT, reason)]
    assert {asked.action for asked in canned.asked} == {"GetCallerIdentity"}


def test_no_credentials_are_said_to_be_none(point: Point) -> None:
    point({name: value for name, value in KEYS.items() if "KEY" not in name})
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert {row.reason for row in inventory.unread} == {Reason.NO_CREDENTIALS}


@pytest.mark.parametrize(
    "variables",
    [{"AWS_PROFILE": "nobody"}, {"AWS_SECRET_ACCESS_KEY": ""}],
    ids=["a profile that is not there", "half a key"],
)
def test_credentials_that_are_set_wrongly_are_said_to_be_none(point: Point, variables: dict[str, str]) -> None:
    point(KEYS | variables)
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN_ACCOUNT, WHOLE_ACCOUNT, Reason.NO_CREDENTIALS)]


def test_a_key_file_mended_while_the_bot_runs_is_read_again(canned: Canned, point: Point, tmp_path: Path) -> None:
    keys = tmp_path / "credentials"
    keys.write_text("[default]\naws_access_key_id=AKIAOLD\naws_secret_access_key=old\n")
    files = {name: value for name, value in KEYS.items() if "KEY" not in name}
    point(files | {"AWS_ENDPOINT_URL": canned.url, "AWS_SHARED_CREDENTIALS_FILE": str(keys)})
    good = "AKIAOLD"

    def only_the_good(asked: Asked) -> Reply:
        return identity() if asked.access_key == good else sts_error("InvalidClientTokenId")

    canned.on("GetCallerIdentity", only_the_good)
    bot = AwsScanner(limits=ONCE)
    assert unread(bot.scan(NOW)) == []
    good = "AKIANEW"
    keys.write_text("[default]\naws_access_key_id=AKIANEW\naws_secret_access_key=new\n")
    assert unread(bot.scan(NOW)) == []


# Executors


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
def test_the_order_in_which_targets_finish_does_not_matter(canned: Canned, order: tuple[int, ...]) -> None:
    canned.on("DescribeRegions", regions("us-east-1", "eu-west-1", "sa-east-1"))
    canned.on("DescribeInstances", ec2_error("UnauthorizedOperation", status=403), "sa-east-1")
    canned.on("DescribeInstances", page(["i-9", "i-1"]), "us-east-1")
    inventory = AwsScanner(executor=InOrder(order), limits=ONCE).scan(NOW)
    assert [instance.id for instance in inventory.instances] == ["i-eu-west-1", "i-1", "i-9"]
    assert read(inventory) == [(OWN, "eu-west-1"), (OWN, "us-east-1")]
    assert unread(inventory) == [(OWN, "sa-east-1", Reason.ACCESS_DENIED)]


@pytest.mark.usefixtures("canned")
def test_an_executor_that_was_given_is_used_and_left_running() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert len(AwsScanner(executor=pool, limits=ONCE).scan(NOW).read) == 2
        assert pool.submit(len, "abc").result() == 3


def test_other_processes_read_as_well_as_threads(canned: Canned) -> None:
    canned.on("AssumeRole", role_keys(1, in_an_hour()))
    by_threads = AwsScanner([LAB_ROLE], "shibboleth", limits=ONCE).scan(NOW)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert AwsScanner([LAB_ROLE], "shibboleth", executor=pool, limits=ONCE).scan(NOW) == by_threads
    assert len(by_threads.instances) == 4


def _broken(_access: Access, target: Target, _limits: Limits) -> Unread:
    raise ZeroDivisionError(target.region)


@pytest.mark.usefixtures("canned")
def test_a_mistake_of_ours_ends_the_scan_with_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "read_target", _broken)
    with pytest.raises(ZeroDivisionError):
        AwsScanner(limits=ONCE).scan(NOW)


def test_a_scan_that_ends_early_starts_nothing_more(canned: Canned, monkeypatch: pytest.MonkeyPatch) -> None:
    canned.on("DescribeRegions", regions(*(f"eu-west-{number}" for number in range(1, 9))))
    monkeypatch.setattr(scanner, "WORKERS", 1)

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AwsScanner(limits=ONCE).scan(NOW, interrupt)
    for thread in _scanning():
        thread.join()
    assert canned.count("DescribeInstances") < 8


def _scanning() -> Iterator[threading.Thread]:
    return (thread for thread in threading.enumerate() if thread.name.startswith("scan"))


def test_nothing_is_asked_before_the_scan(point: Point) -> None:
    point({"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": os.devnull})
    AwsScanner([LAB_ROLE], "shibboleth", ["eu-west-1"])
