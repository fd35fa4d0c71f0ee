"""Accounts and keys: the bot's own and those of roles, good, bad, old and renewed."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bailiff_bot.aws.access import OWN_ACCOUNT, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.inventory import WHOLE_ACCOUNT, Reason
from tests.integration.aws.conftest import KEYS, Point, read, unread
from tests.integration.aws.fake_aws import (
    HTML,
    LAB,
    LAB_ROLE,
    OWN,
    Asked,
    Canned,
    Reply,
    ec2_error,
    identity,
    in_an_hour,
    in_turn,
    regions,
    role_keys,
    sts_error,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONCE = Limits(attempts=1)
THIRD_ROLE = "arn:aws:iam::777788889999:role/bailiff-read"


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


def test_nothing_is_asked_before_the_scan(point: Point) -> None:
    point({"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": os.devnull})
    AwsScanner([LAB_ROLE], "shibboleth", ["eu-west-1"])
