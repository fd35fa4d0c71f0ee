"""Scans with the bot's own keys and with those of roles: valid, refused, expired and renewed."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bailiff_bot.aws.access import OWN_ACCOUNT, Limits
from bailiff_bot.aws.scanner import AwsScanner
from bailiff_bot.domain.inventory import ALL_REGIONS, UnreadReason
from tests.integration.aws.conftest import AWS_ENVIRONMENT, SetAwsEnvironment, read, unread
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


def test_a_role_is_assumed_with_our_session_name_and_the_external_id(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    inventory = AwsScanner([LAB_ROLE], "shibboleth", limits=ONCE).scan(NOW)
    assert read(inventory) == [
        (BOT_ACCOUNT, "eu-west-1"),
        (BOT_ACCOUNT, "us-east-1"),
        (LAB_ACCOUNT, "eu-west-1"),
        (LAB_ACCOUNT, "us-east-1"),
    ]
    request = next(request for request in fake_aws.requests if request.action == "AssumeRole")
    assert {
        "RoleArn": LAB_ROLE,
        "ExternalId": "shibboleth",
        "RoleSessionName": "bailiff",
    }.items() <= request.form.items()


def test_without_an_external_id_no_request_has_one(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert all("ExternalId" not in request.form for request in fake_aws.requests)


def test_a_role_is_assumed_once_for_all_its_targets_and_scans(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    for _ in range(2):
        AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert fake_aws.count("AssumeRole") == 1


def test_keys_about_to_expire_are_renewed(fake_aws: FakeAws) -> None:
    in_12_minutes = datetime.now(UTC) + timedelta(minutes=12)
    fake_aws.on("AssumeRole", replies_in_order(role_keys(1, in_12_minutes), role_keys(2, in_an_hour())))
    AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    access_keys = {request.access_key for request in fake_aws.requests if request.action == "DescribeInstances"}
    assert access_keys == {AWS_ENVIRONMENT["AWS_ACCESS_KEY_ID"], "ASIAROLEKEY000000002"}


def test_keys_that_expire_early_are_fetched_again(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", replies_in_order(role_keys(1, in_an_hour()), role_keys(2, in_an_hour())))
    scanner = AwsScanner([LAB_ROLE], limits=ONCE)
    assert unread(scanner.scan(NOW)) == []

    def list_regions(request: AwsRequest) -> AwsReply:
        return ec2_error("RequestExpired") if request.access_key.endswith("1") else regions("eu-west-1")

    fake_aws.on("DescribeRegions", list_regions)
    inventory = scanner.scan(NOW)
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
def test_an_account_whose_role_cannot_be_assumed_does_not_stop_the_others(
    fake_aws: FakeAws, refusal: AwsReply, reason: UnreadReason
) -> None:
    def assume_role(request: AwsRequest) -> AwsReply:
        return refusal if request.form["RoleArn"] == LAB_ROLE else role_keys(1, in_an_hour())

    fake_aws.on("AssumeRole", assume_role)
    inventory = AwsScanner([LAB_ROLE, THIRD_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(LAB_ACCOUNT, ALL_REGIONS, reason)]
    assert {account for account, _ in read(inventory)} == {BOT_ACCOUNT, "777788889999"}


def test_with_a_role_in_the_bots_own_account_that_account_is_read_once(fake_aws: FakeAws) -> None:
    fake_aws.on("AssumeRole", role_keys(1, in_an_hour()))
    own_role = f"arn:aws:iam::{BOT_ACCOUNT}:role/bailiff-read"
    inventory = AwsScanner([own_role, own_role + "-too"], limits=ONCE).scan(NOW)
    assert read(inventory) == [(BOT_ACCOUNT, "eu-west-1"), (BOT_ACCOUNT, "us-east-1")]
    assert [request.form["RoleArn"] for request in fake_aws.requests if request.action == "AssumeRole"] == [own_role]


@pytest.mark.parametrize("answer", [AwsReply(HTML), identity(account=""), identity(account="<a/><a/>")])
def test_if_the_bots_own_account_id_is_unknown_the_other_accounts_are_read(fake_aws: FakeAws, answer: AwsReply) -> None:
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
def test_refused_credentials_are_the_reason_for_every_account(
    fake_aws: FakeAws, refusal: AwsReply, reason: UnreadReason
) -> None:
    fake_aws.on("GetCallerIdentity", refusal)
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert unread(inventory) == [(LAB_ACCOUNT, ALL_REGIONS, reason), (OWN_ACCOUNT, ALL_REGIONS, reason)]
    assert {request.action for request in fake_aws.requests} == {"GetCallerIdentity"}


def test_missing_credentials_are_reported_as_missing(set_aws_environment: SetAwsEnvironment) -> None:
    set_aws_environment({name: value for name, value in AWS_ENVIRONMENT.items() if "KEY" not in name})
    inventory = AwsScanner([LAB_ROLE], limits=ONCE).scan(NOW)
    assert {unread_target.reason for unread_target in inventory.gaps} == {UnreadReason.NO_CREDENTIALS}


@pytest.mark.parametrize(
    "variables",
    [{"AWS_PROFILE": "nobody"}, {"AWS_SECRET_ACCESS_KEY": ""}],
    ids=["a profile that is not there", "half a key"],
)
def test_incomplete_credentials_are_reported_as_missing(
    set_aws_environment: SetAwsEnvironment, variables: dict[str, str]
) -> None:
    set_aws_environment(AWS_ENVIRONMENT | variables)
    inventory = AwsScanner(limits=ONCE).scan(NOW)
    assert unread(inventory) == [(OWN_ACCOUNT, ALL_REGIONS, UnreadReason.NO_CREDENTIALS)]


def test_a_key_file_that_changes_while_the_bot_runs_is_read_again(
    fake_aws: FakeAws, set_aws_environment: SetAwsEnvironment, tmp_path: Path
) -> None:
    key_file = tmp_path / "credentials"
    key_file.write_text("[default]\naws_access_key_id=AKIAOLD\naws_secret_access_key=old\n")
    environment = {name: value for name, value in AWS_ENVIRONMENT.items() if "KEY" not in name}
    set_aws_environment(environment | {"AWS_ENDPOINT_URL": fake_aws.url, "AWS_SHARED_CREDENTIALS_FILE": str(key_file)})
    valid_key = "AKIAOLD"

    def get_caller_identity(request: AwsRequest) -> AwsReply:
        return identity() if request.access_key == valid_key else sts_error("InvalidClientTokenId")

    fake_aws.on("GetCallerIdentity", get_caller_identity)
    scanner = AwsScanner(limits=ONCE)
    assert unread(scanner.scan(NOW)) == []
    valid_key = "AKIANEW"
    key_file.write_text("[default]\naws_access_key_id=AKIANEW\naws_secret_access_key=new\n")
    assert unread(scanner.scan(NOW)) == []


def test_a_scanner_reads_no_credentials_before_the_scan(set_aws_environment: SetAwsEnvironment) -> None:
    set_aws_environment({"AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": os.devnull})
    AwsScanner([LAB_ROLE], "shibboleth", ["eu-west-1"])
