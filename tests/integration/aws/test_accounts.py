"""Accounts and keys: the bot's own and those of roles, good, bad, old and renewed."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bailiff_bot.aws.access import OWN_ACCOUNT, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.inventory import ALL_REGIONS, UnreadReason
from tests.integration.aws.conftest import KEYS, SetAwsEnvironment, read, unread
from tests.integration.aws.fake_aws import (
    BOT_ACCOUNT,
    HTML,
    LAB_ACCOUNT,
    LAB_ROLE,
    AwsReply,
    AwsRequest,
    FakeAws,
    ec2_error,
    identity,
    in_an_hour,
    regions,
    replies_in_order,
    role_keys,
    sts_error,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ONCE = Limits(max_attempts=1)
THIRD_ROLE = "arn:aws:iam::777788889999:role/bailiff-read"


def test_a_role_is_assumed_under_our_name_with_the_external_id(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], "shibboleth", limits=ONCE).scan(NOW)
    assert read(inventory) == [
        (BOT_ACCOUNT, "eu-west-1"),
        (BOT_ACCOUNT, "us-east-1"),
        (LAB_ACCOUNT, "eu-west-1"),
        (LAB_ACCOUNT, "us-east-1"),
    ]
    asked = next(asked for asked in fake_aws.requests if asked.action == "AssumeRole")
    assert {"RoleArn": LAB_ROLE, "ExternalId": "shibboleth", "RoleSessionName": "bailiff"}.items() <= asked.form.items()


def test_a_role_without_an_external_id_is_asked_for_none(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert all("ExternalId" not in asked.form for asked in fake_aws.requests)


def test_a_role_is_assumed_once_for_all_its_targets_and_scans(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    for _ in range(2):
        AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert fake_aws.count("AssumeRole") == 1


def test_keys_about_to_expire_are_renewed(fake_aws: FakeAws) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=12)
    fake_aws.on("AssumeRole", replies_in_order(role_keys(1, soon), role_keys(2, in_an_hour())))
    AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    used = {asked.access_key for asked in fake_aws.requests if asked.action == "DescribeInstances"}
    assert used == {KEYS["AWS_ACCESS_KEY_ID"], "ASIAROLEKEY000000002"}


def test_keys_that_were_revoked_are_fetched_anew(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", replies_in_order(role_keys(1, in_an_hour()), role_keys(2, in_an_hour())))
    bot = AwsScanner([LAB_ROLE], limits=ONCE)
    assert unread(bot.scan(NOW)) == []

    def revoked(asked: AwsRequest) -> AwsReply:
        return ec2_error("RequestExpired") if asked.access_key.endswith("1") else regions("eu-west-1")

    fake_aws.on("DescribeRegions", revoked)
    inventory = bot.scan(NOW)
    assert unread(inventory) == []
    assert (LAB_ACCOUNT, "eu-west-1") in read(inventory)


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (sts_error("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole"), UnreadReason.ROLE_REFUSED),
        (sts_error("ValidationError", status=400), UnreadReason.ROLE_REFUSED),
        (sts_error("Throttling", status=400), UnreadReason.THROTTLED),
        (sts_error("RegionDisabledException"), UnreadReason.NOT_ENABLED),
        (AwsReply(reset=True), UnreadReason.UNREACHABLE),
        (AwsReply(b"<html></html>"), UnreadReason.BAD_ANSWER),
        (role_keys(1, datetime(2026, 1, 1, tzinfo=UTC)), UnreadReason.EXPIRED_CREDENTIALS),
    ],
)
def test_an_account_that_cannot_be_entered_keeps_no_other_away(
    fake_aws: FakeAws, refusal: AwsReply, reason: UnreadReason
) -> None:
    def only_the_third(asked: AwsRequest) -> AwsReply:
        return refusal if asked.form["RoleArn"] == LAB_ROLE else role_keys(1, in_an_hour())

    fake_aws.on("AssumeRole", only_the_third)
    inventory = AwsScanner([LAB_ROLE, THIRD_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(LAB_ACCOUNT, ALL_REGIONS, reason)]
    assert {account for account, _ in read(inventory)} == {BOT_ACCOUNT, "777788889999"}


def test_a_role_in_the_bots_own_account_is_used_and_the_account_read_once(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    own_role = f"arn:aws:iam::{BOT_ACCOUNT}:role/bailiff-read"
    inventory = AwsScanner([own_role, own_role + "-too"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1"), (BOT_ACCOUNT, "us-east-1")]
    assert [asked.form["RoleArn"] for asked in fake_aws.requests if asked.action == "AssumeRole"] == [own_role]


@pytest.mark.parametrize("answer", [AwsReply(HTML), identity(account=""), identity(account="<a/><a/>")])
def test_without_its_own_number_the_other_accounts_still_come(fake_aws: FakeAws, answer: AwsReply) -> None:
    fake_aws.on("GetCallerIdentity", answer)
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN_ACCOUNT, ALL_REGIONS, UnreadReason.BAD_ANSWER)]
    assert read(inventory) == [(LAB_ACCOUNT, "eu-west-1"), (LAB_ACCOUNT, "us-east-1")]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (sts_error("InvalidClientTokenId"), UnreadReason.BAD_CREDENTIALS),
        (sts_error("ExpiredToken"), UnreadReason.EXPIRED_CREDENTIALS),
        (sts_error("SignatureDoesNotMatch", "Signature expired: a is now earlier than b"), UnreadReason.CLOCK_SKEW),
    ],
)
def test_useless_credentials_are_one_reason_for_every_account(
    fake_aws: FakeAws, refusal: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("GetCallerIdentity", refusal)
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(LAB_ACCOUNT, ALL_REGIONS, reason), (OWN_ACCOUNT, ALL_REGIONS, reason)]
    assert {asked.action for asked in fake_aws.requests} == {"GetCallerIdentity"}


def test_no_credentials_are_said_to_be_none(set_aws_environment: SetAwsEnvironment) -> None:
    set_aws_environment({name: value for name, value in KEYS.items() if "KEY" not in name})
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert {row.reason for row in inventory.unread} == {UnreadReason.NO_CREDENTIALS}


@pytest.mark.parametrize(
    "variables",
    [{"AWS_PROFILE": "nobody"}, {"AWS_SECRET_ACCESS_KEY": ""}],
    ids=["a profile that is not there", "half a key"],
)
def test_credentials_that_are_set_wrongly_are_said_to_be_none(
    set_aws_environment: SetAwsEnvironment, variables: dict[str, str]
) -> None:
    set_aws_environment(KEYS | variables)
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN_ACCOUNT, ALL_REGIONS, UnreadReason.NO_CREDENTIALS)]


def test_a_key_file_mended_while_the_bot_runs_is_read_again(
    fake_aws: FakeAws, set_aws_environment: SetAwsEnvironment, tmp_path: Path
) -> None:
    keys = tmp_path / "credentials"
    keys.write_text("[default]\naws_access_key_id=AKIAOLD\naws_secret_access_key=old\n")
    files = {name: value for name, value in KEYS.items() if "KEY" not in name}
    set_aws_environment(files | {"AWS_ENDPOINT_URL": fake_aws.url, "AWS_SHARED_CREDENTIALS_FILE": str(keys)})
    good = "AKIAOLD"

    def only_the_good(asked: AwsRequest) -> AwsReply:
        return identity() if asked.access_key == good else sts_error("InvalidClientTokenId")

    fake_aws.on("GetCallerIdentity", only_the_good)
    bot = AwsScanner(limits=ONCE)
    assert unread(bot.scan(NOW)) == []
    good = "AKIANEW"
    keys.write_text("[default]\naws_access_key_id=AKIANEW\naws_secret_access_key=new\n")
    assert unread(bot.scan(NOW)) == []


def test_nothing_is_asked_before_the_scan(set_aws_environment: SetAwsEnvironment) -> None:
    set_aws_environment({"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": os.devnull})
    AwsScanner([LAB_ROLE], "shibboleth", ["eu-west-1"])
