"""A step is done, certainly not done, or unknown; whatever AWS or the network does, and always in a sentence."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.actions import ec2_actions, steps
from bailiff_bot.aws.actions.ec2_actions import AwsActions
from bailiff_bot.domain.aws_step import RoleKind, StepOutcome, StepResult
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from tests.integration.aws.acting import (
    ACT_ROLE,
    ADA,
    DELETE_ROLE,
    IMAGE,
    IMAGE_NAME,
    INSTANCE,
    TARGET,
    actions,
    answer,
    image,
    prepare,
    session_of,
)
from tests.integration.aws.fake_aws import (
    HTML,
    AwsReply,
    AwsRequest,
    FakeAws,
    ec2_error,
    in_an_hour,
    replies_in_order,
    role_keys,
    sts_error,
)

DONE, REFUSED, UNKNOWN = StepOutcome.DONE, StepOutcome.REFUSED, StepOutcome.UNKNOWN
Perform = Callable[[AwsActions], StepResult]

STEPS: dict[str, Perform] = {
    "StopInstances": lambda aws: aws.stop(ADA, TARGET, INSTANCE),
    "StartInstances": lambda aws: aws.start(ADA, TARGET, INSTANCE),
    "CreateTags": lambda aws: aws.tag(ADA, TARGET, INSTANCE, "Name", "agr-web"),
    "CreateImage": lambda aws: aws.make_image(ADA, TARGET, INSTANCE, IMAGE_NAME, {"bailiff:instance": INSTANCE}),
    "TerminateInstances": lambda aws: aws.terminate(ADA, TARGET, INSTANCE),
}
every_step = pytest.mark.parametrize("action", STEPS)


@pytest.fixture
def aws(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    monkeypatch.setattr(steps, "_PAUSE", 0)
    return prepare(fake_aws)


@every_step
def test_a_step_that_aws_confirms_is_done(aws: FakeAws, action: str) -> None:
    result = STEPS[action](actions())
    assert (result.outcome, result.reason, result.code, result.request_id) == (DONE, "", "", "req-1")
    assert result.image_id == (IMAGE if action == "CreateImage" else "")
    assert aws.count(action) == 1


@every_step
def test_each_step_has_a_session_of_its_own_in_the_name_of_the_person(aws: FakeAws, action: str) -> None:
    performer = actions()
    STEPS[action](performer)
    STEPS[action](performer)
    assert aws.count("AssumeRole") == 2
    assert len({request.access_key for request in aws.requests if request.action == action}) == 2
    session = session_of(aws, action).form
    assert session["RoleArn"] == (DELETE_ROLE if action in {"CreateImage", "TerminateInstances"} else ACT_ROLE)
    assert session["RoleSessionName"] == f"bailiff-{ADA.user_id}"
    assert session["SourceIdentity"] == ADA.address
    assert session["ExternalId"] == "agreed-upon-id"
    assert session["DurationSeconds"] == "900"
    assert INSTANCE in session["Policy"]


@every_step
def test_with_dry_run_ec2_only_checks_the_permission(aws: FakeAws, action: str) -> None:
    aws.on(action, ec2_error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412))
    result = STEPS[action](actions(dry_run=True))
    assert (result.outcome, result.is_dry_run, result.code) == (DONE, True, "")
    assert next(request for request in aws.requests if request.action == action).form["DryRun"] == "true"


@every_step
def test_without_dry_run_nothing_says_it(aws: FakeAws, action: str) -> None:
    STEPS[action](actions())
    assert all("DryRun" not in request.form for request in aws.requests)


@every_step
def test_a_page_of_a_proxy_is_not_taken_for_an_answer(aws: FakeAws, action: str) -> None:
    aws.on(action, AwsReply(HTML))
    result = STEPS[action](actions())
    assert result.outcome is UNKNOWN
    assert "did not come from EC2" in result.reason


@pytest.mark.parametrize("action", [action for action in STEPS if action != "CreateTags"])
def test_an_answer_about_something_else_confirms_nothing(aws: FakeAws, action: str) -> None:
    aws.on(action, answer(action, "<instancesSet><item><instanceId>i-1</instanceId></item></instancesSet>"))
    assert STEPS[action](actions()).outcome is UNKNOWN


@pytest.mark.parametrize(
    "fault",
    [AwsReply(reset=True), AwsReply(status=500), ec2_error("InternalError", status=500)],
    ids=["reset", "500", "own"],
)
@every_step
def test_without_an_answer_the_step_is_unknown(aws: FakeAws, action: str, fault: AwsReply) -> None:
    aws.on(action, fault)
    assert STEPS[action](actions()).outcome is UNKNOWN
    assert aws.count(action) == (1 if action == "CreateImage" else 3)


@every_step
def test_a_refusal_after_an_attempt_without_answer_is_not_the_whole_truth(aws: FakeAws, action: str) -> None:
    aws.on(action, replies_in_order(AwsReply(reset=True), ec2_error("UnauthorizedOperation", status=403)))
    result = STEPS[action](actions())
    assert result.outcome is UNKNOWN
    assert action == "CreateImage" or "may have done it before" in result.reason


def test_a_step_that_may_be_repeated_is(aws: FakeAws) -> None:
    aws.on("StopInstances", replies_in_order(AwsReply(reset=True), answer("StopInstances", stopped())))
    assert STEPS["StopInstances"](actions()).outcome is DONE


def stopped() -> str:
    return f"<instancesSet><item><instanceId>{INSTANCE}</instanceId></item></instancesSet>"


@every_step
def test_throttling_is_tried_again_and_then_certainly_not_done(aws: FakeAws, action: str) -> None:
    aws.on(action, ec2_error("RequestLimitExceeded", status=503))
    result = STEPS[action](actions())
    assert (result.outcome, result.code, aws.count(action)) == (REFUSED, "RequestLimitExceeded", 3)
    assert "try again in a few minutes" in result.reason


def test_a_hanging_ec2_ends_in_time_and_is_unknown(aws: FakeAws) -> None:
    aws.on("CreateImage", AwsReply(hang=True))
    limits = Limits(connect_timeout=1.0, read_timeout=5.0, target_deadline=0.3)
    began = time.monotonic()
    result = STEPS["CreateImage"](AwsActions([ACT_ROLE], [DELETE_ROLE], dry_run=False, limits=limits))
    assert (result.outcome, aws.count("CreateImage")) == (UNKNOWN, 1)
    assert "did not answer in time" in result.reason
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("fault", [AwsReply(hang=True), AwsReply(drip=True)], ids=["silent", "slow"])
@pytest.mark.parametrize("slow_action", ["AssumeRole", "StopInstances", "DescribeInstances", "DescribeVolumes"])
def test_all_that_a_call_does_together_ends_in_time(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, slow_action: str, fault: AwsReply
) -> None:
    monkeypatch.setattr(ec2_actions, "_WHOLE_DEADLINE", 0.4)
    aws.on(slow_action, fault)
    began = time.monotonic()
    if slow_action.startswith("Describe"):
        assert isinstance(actions().details(ADA, TARGET, INSTANCE, RoleKind.ACTION), Gap)
    else:
        expected = REFUSED if slow_action == "AssumeRole" else UNKNOWN
        assert STEPS["StopInstances"](actions()).outcome is expected
    assert time.monotonic() - began < 3


def test_what_never_reached_aws_is_certainly_not_done(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:1")
    result = STEPS["StopInstances"](actions())
    assert aws.count("AssumeRole") == 1
    assert result.outcome is REFUSED
    assert "could not be reached" in result.reason


@every_step
def test_a_role_that_cannot_be_assumed_is_a_refusal_with_the_remedy(aws: FakeAws, action: str) -> None:
    aws.on("AssumeRole", sts_error("AccessDenied", "User: arn is not authorized to perform: sts:AssumeRole"))
    result = STEPS[action](actions())
    assert (result.outcome, aws.count(action)) == (REFUSED, 0)
    role = DELETE_ROLE if action in {"CreateImage", "TerminateInstances"} else ACT_ROLE
    assert f"the trust policy of {role} must allow sts:AssumeRole and sts:SetSourceIdentity" in result.reason


@pytest.mark.parametrize(
    "fault",
    [AwsReply(reset=True), sts_error("ServiceUnavailable", status=503), AwsReply(HTML)],
    ids=["reset", "503", "page"],
)
def test_without_a_session_nothing_was_tried(aws: FakeAws, fault: AwsReply) -> None:
    aws.on("AssumeRole", fault)
    assert STEPS["StopInstances"](actions()).outcome is REFUSED
    assert aws.count("StopInstances") == 0


ROLE_POLICY = "because no identity-based policy allows the ec2:StopInstances action"
DENIED = "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ec2:StopInstances on resource: arn "
MESSAGES = [
    ("UnauthorizedOperation", DENIED + ROLE_POLICY, "the policy of the role does not allow ec2:StopInstances"),
    ("UnauthorizedOperation", DENIED + "with an explicit deny in an identity-based policy", "bailiff:actions=never"),
    ("UnauthorizedOperation", DENIED + "with an explicit deny in a service control policy", "organization denies"),
    ("UnauthorizedOperation", DENIED + "because no session policy allows the action", "please report it"),
    ("UnauthorizedOperation", DENIED + "because no permissions boundary allows it", "permissions boundary of the role"),
    (
        "UnauthorizedOperation",
        "Encoded authorization failure message: abc",
        "compare its policy with deploy/iam-act.json",
    ),
    ("IncorrectInstanceState", "x", "cannot stop the instance in the state in which it is now"),
    (
        "OperationNotPermitted",
        "Modify its 'disableApiStop' instance attribute and try again.",
        "remove its stop protection",
    ),
    (
        "OperationNotPermitted",
        "Modify its 'disableApiTermination' instance attribute",
        "remove its termination protection",
    ),
    ("OperationNotPermitted", "Managed by another service.", "AWS answered OperationNotPermitted: Managed by"),
    ("UnsupportedOperation", "x", "one-time spot instance"),
    ("InvalidInstanceID.NotFound", "x", "does not exist any more"),
    ("InsufficientInstanceCapacity", "x", "no capacity"),
    ("AuthFailure", "x", "check the bot's keys"),
    ("SomethingNew", "x with AKIAIOSFODNN7EXAMPLE", "AWS answered SomethingNew: x with (key)"),
]


@pytest.mark.parametrize(
    ("code", "message", "sentence"), MESSAGES, ids=[f"{code} {text}" for code, _, text in MESSAGES]
)
def test_a_refusal_says_why_and_what_helps(aws: FakeAws, code: str, message: str, sentence: str) -> None:
    aws.on("StopInstances", ec2_error(code, message, 500 if code.startswith("Insufficient") else 400))
    result = STEPS["StopInstances"](actions())
    assert (result.outcome, result.code, result.request_id) == (REFUSED, code, "1")
    assert sentence in result.reason
    assert not result.reason.endswith(".")
    assert "\n" not in result.reason


def test_a_name_that_the_image_has_already_finds_it(aws: FakeAws) -> None:
    aws.on("CreateImage", ec2_error("InvalidAMIName.Duplicate"))
    result = STEPS["CreateImage"](actions())
    assert (result.outcome, result.image_id, aws.count("CreateImage")) == (DONE, IMAGE, 1)
    lookup = next(request for request in aws.requests if request.action == "DescribeImages").form
    assert (lookup["Filter.1.Name"], lookup["Filter.1.Value.1"], lookup["Owner.1"]) == ("name", IMAGE_NAME, "self")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (image(source="i-0000000000000000f"), REFUSED),
        (answer("DescribeImages", "<imagesSet/>"), UNKNOWN),
        (ec2_error("UnauthorizedOperation", status=403), UNKNOWN),
    ],
    ids=["of another instance", "not found", "unread"],
)
def test_a_taken_name_without_this_instances_image_is_not_done(
    aws: FakeAws, reply: AwsReply, outcome: StepOutcome
) -> None:
    aws.on("CreateImage", ec2_error("InvalidAMIName.Duplicate"))
    aws.on("DescribeImages", reply)
    assert STEPS["CreateImage"](actions()).outcome is outcome


def test_an_image_never_restarts_the_instance_and_its_snapshots_are_tagged_too(aws: FakeAws) -> None:
    STEPS["CreateImage"](actions())
    form = next(request for request in aws.requests if request.action == "CreateImage").form
    assert form["NoReboot"] == "true"
    assert [form[f"TagSpecification.{number}.ResourceType"] for number in (1, 2)] == ["image", "snapshot"]
    assert form["TagSpecification.2.Tag.1.Key"] == "bailiff:instance"


def test_a_call_that_botocore_refuses_is_certainly_not_done(aws: FakeAws) -> None:
    result = actions().make_image(ADA, TARGET, INSTANCE, "a", {})
    assert (result.outcome, aws.count("CreateImage")) == (REFUSED, 0)
    assert "valid min length: 3" in result.reason


def test_an_image_without_tags_is_made(aws: FakeAws) -> None:
    assert actions().make_image(ADA, TARGET, INSTANCE, IMAGE_NAME, {}).outcome is DONE
    assert aws.count("CreateImage") == 1


def test_an_account_without_a_role_is_told_which_setting_names_it(aws: FakeAws) -> None:
    elsewhere = Target("999999999999", "eu-west-1")
    result = actions().terminate(ADA, elsewhere, INSTANCE)
    assert (result.outcome, aws.requests) == (REFUSED, [])
    assert result.reason == "BAILIFF_DELETE_ROLE_ARNS names no role of the account 999999999999"


def test_an_account_has_the_roles_that_the_settings_name() -> None:
    only_acting = AwsActions([ACT_ROLE], dry_run=False)
    assert only_acting.has_role(TARGET.account, RoleKind.ACTION)
    assert not only_acting.has_role(TARGET.account, RoleKind.DELETE)
    assert not only_acting.has_role("999999999999", RoleKind.ACTION)


@pytest.mark.parametrize("wrong", ["i-*", "*", "i-0123456789abcdef0,i-1", "", "vol-0123456789abcdef0"])
@every_step
def test_only_the_id_of_one_instance_is_acted_upon(aws: FakeAws, action: str, wrong: str) -> None:
    performer = actions()
    by_action: dict[str, StepResult] = {
        "StopInstances": performer.stop(ADA, TARGET, wrong),
        "StartInstances": performer.start(ADA, TARGET, wrong),
        "CreateTags": performer.tag(ADA, TARGET, wrong, "Name", "x"),
        "CreateImage": performer.make_image(ADA, TARGET, wrong, IMAGE_NAME, {}),
        "TerminateInstances": performer.terminate(ADA, TARGET, wrong),
    }
    assert by_action[action].outcome is REFUSED
    assert aws.requests == []


@pytest.mark.parametrize("key", ["bailiff:actions", "Owner", "name", ""])
def test_no_other_tag_is_written(aws: FakeAws, key: str) -> None:
    result = actions().tag(ADA, TARGET, INSTANCE, key, "never")
    assert (result.outcome, aws.requests) == (REFUSED, [])


def test_steps_at_the_same_time_are_each_signed_with_their_own_session(aws: FakeAws) -> None:
    policies: dict[str, str] = {}
    numbers = count(1)

    def assume(request: AwsRequest) -> AwsReply:
        number = next(numbers)
        policies[f"ASIAROLEKEY{number:09}"] = request.form["Policy"]
        return role_keys(number, in_an_hour())

    aws.on("AssumeRole", assume)
    performer = actions()
    ids = [f"i-{number:017x}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda one: performer.stop(ADA, TARGET, one), ids))
    assert {result.outcome for result in results} == {DONE}
    stops = [request for request in aws.requests if request.action == "StopInstances"]
    assert sorted(stop.form["InstanceId.1"] for stop in stops) == ids
    for stop in stops:
        assert json.loads(policies[stop.access_key])["Statement"][0]["Resource"].endswith(stop.form["InstanceId.1"])
