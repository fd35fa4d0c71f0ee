"""Actions against the sandbox, which enforces IAM and EC2's rules. The roles have the policies of `deploy/`."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bailiff_bot.aws.actions.ec2_actions import AwsActions
from bailiff_bot.domain.action import ImageState, Lifecycle
from bailiff_bot.domain.aws_step import Actor, RoleKind, StepOutcome, StepResult
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import InstanceState, Target
from bailiff_bot.domain.instance_details import InstanceDetails, MachineImage
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.sandbox.aws.instance_fixture import (
    INSTANCE_STORE,
    SPOT_ONE_TIME,
    SPOT_PERSISTENT,
    InstanceFixture,
    VolumeFixture,
)
from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import (
    ACT_ROLE,
    ACTION_ROLE_ARNS,
    DELETE_ROLE,
    DELETE_ROLE_ARNS,
    EXTERNAL_ID,
    LAB_ACCOUNT,
    OWN_ACCOUNT,
)
from tests.integration.aws.conftest import SetAwsEnvironment
from tests.unit.deploy_files import DEPLOY, policy

DONE, REFUSED = StepOutcome.DONE, StepOutcome.REFUSED
ADA = Actor("U0ADA00001", "ada@octo.example")
ROOT_AND_DATA = (VolumeFixture(), VolumeFixture("/dev/sdf", 100, is_deleted_with_instance=False))
DAY = timedelta(days=1)


def fixture(key: str, state: str = "running", account: str = LAB_ACCOUNT, **fields: object) -> InstanceFixture:
    return InstanceFixture(
        key=key,
        name=key,
        since_start=DAY,
        expected_table="legit",
        state=state,
        account=account,
        **fields,  # type: ignore[arg-type]
    )


FLEET = (
    fixture("plain"),
    fixture("own", account=OWN_ACCOUNT),
    fixture("stopped", "stopped", volumes=ROOT_AND_DATA, has_elastic_address=True),
    fixture("one-time", lifecycle=SPOT_ONE_TIME),
    fixture("persistent", lifecycle=SPOT_PERSISTENT),
    fixture("store", root_device=INSTANCE_STORE, volumes=()),
    fixture("stop-protected", is_stop_protected=True),
    fixture("termination-protected", "stopped", is_termination_protected=True),
    fixture("local", type="m5d.large", has_public_address=True, has_hibernation=True),
    fixture("never", tags=(("bailiff:actions", "never"),)),
    fixture("gone", "terminated"),
)
IDS = {one.key: one.id for one in FLEET}


def deployed_trust() -> str:
    """Return the trust policy of `deploy/` for the sandbox's bot."""
    text = (DEPLOY / "iam-act-trust.json").read_text(encoding="utf-8")
    bot = text.replace(f"arn:aws:iam::{OWN_ACCOUNT}:role/bailiff", f"arn:aws:iam::{OWN_ACCOUNT}:user/bailiff")
    return bot.replace("REPLACE-WITH-BAILIFF_EXTERNAL_ID", EXTERNAL_ID)


@pytest.fixture
def aws(set_aws_environment: SetAwsEnvironment) -> Iterator[AwsSandbox]:
    with AwsSandbox(FLEET) as sandbox:
        for account in (OWN_ACCOUNT, LAB_ACCOUNT):
            for role, name in ((ACT_ROLE, "iam-act.json"), (DELETE_ROLE, "iam-delete.json")):
                sandbox.set_role_policy(account, role, policy(name))
                sandbox.set_trust_policy(account, role, deployed_trust())
        set_aws_environment(sandbox.environment())
        yield sandbox


def performer(*, dry_run: bool = False, external_id: str = EXTERNAL_ID) -> AwsActions:
    return AwsActions(ACTION_ROLE_ARNS, DELETE_ROLE_ARNS, external_id, dry_run=dry_run)


LAB = Target(LAB_ACCOUNT, "eu-west-1")
OWN = Target(OWN_ACCOUNT, "eu-west-1")


def details(key: str, kind: RoleKind = RoleKind.ACTION) -> InstanceDetails:
    found = performer().details(ADA, OWN if key == "own" else LAB, IDS[key], kind)
    assert isinstance(found, InstanceDetails), found
    return found


def state(aws: AwsSandbox, key: str) -> str:
    return next(one.state for one in aws.instances() if one.id == IDS[key])


def stop(key: str) -> StepResult:
    return performer().stop(ADA, LAB, IDS[key])


def terminate(key: str) -> StepResult:
    return performer().terminate(ADA, LAB, IDS[key])


@pytest.mark.parametrize(("target", "key"), [(LAB, "plain"), (OWN, "own")], ids=["another account", "its own"])
def test_an_instance_is_stopped_and_started_again(aws: AwsSandbox, target: Target, key: str) -> None:
    assert performer().stop(ADA, target, IDS[key]).outcome is DONE
    assert state(aws, key) == "stopped"
    assert performer().start(ADA, target, IDS[key]).outcome is DONE
    assert state(aws, key) == "running"


def test_each_call_shows_who_asked_for_it(aws: AwsSandbox) -> None:
    stop("plain")
    call = next(call for call in aws.calls if call.iam_action == "ec2:StopInstances")
    assert (call.role_session, call.source_identity) == (f"bailiff-{ADA.user_id}", ADA.address)


def test_the_two_tags_are_written_and_read_back(aws: AwsSandbox) -> None:
    name = "agr-wéb 東京 <!channel>"
    assert performer().tag(ADA, LAB, IDS["plain"], "Name", name).outcome is DONE
    assert performer().tag(ADA, LAB, IDS["plain"], "bailiff:owner", ADA.address).outcome is DONE
    assert details("plain").name == name
    assert tags_written(aws) == {"Name": name, "bailiff:owner": ADA.address}


def tags_written(aws: AwsSandbox) -> dict[str, str]:
    forms = [call.form for call in aws.calls if call.iam_action == "ec2:CreateTags"]
    return {form["Tag.1.Key"]: form["Tag.1.Value"] for form in forms}


@pytest.mark.parametrize("kind", RoleKind)
def test_the_details_tell_what_decides(aws: AwsSandbox, kind: RoleKind) -> None:
    assert aws
    plain = details("plain", kind)
    assert (plain.state, plain.lifecycle, plain.has_local_disk) == (InstanceState.RUNNING, Lifecycle.ON_DEMAND, False)
    assert not plain.public_addresses
    assert details("one-time", kind).lifecycle is Lifecycle.SPOT_ONE_TIME
    assert details("persistent", kind).lifecycle is Lifecycle.SPOT_PERSISTENT
    assert details("store", kind).has_instance_store_root
    assert details("stop-protected", kind).is_stop_protected
    assert details("termination-protected", kind).is_termination_protected
    local = details("local", kind)
    assert (local.has_local_disk, local.has_hibernation, len(local.public_addresses)) == (True, True, 1)
    stopped = details("stopped", kind)
    assert [(one.size, one.is_deleted_with_instance) for one in stopped.volumes] == [(8, True), (100, False)]
    assert (len(stopped.elastic_addresses), stopped.public_addresses) == (1, ())


def test_what_is_terminated_is_told_so_and_an_unknown_id_is_none(aws: AwsSandbox) -> None:
    assert details("gone").state is InstanceState.TERMINATED
    aws.delete("plain")
    assert performer().details(ADA, LAB, IDS["plain"], RoleKind.ACTION) is None


@pytest.mark.parametrize(
    ("key", "code", "sentence"),
    [
        ("gone", "IncorrectInstanceState", "in the state in which it is now"),
        ("one-time", "UnsupportedOperation", "one-time spot instance"),
        ("store", "UnsupportedOperation", "instance-store root"),
        ("stop-protected", "OperationNotPermitted", "remove its stop protection"),
        ("never", "UnauthorizedOperation", "bailiff:actions=never"),
    ],
)
def test_ec2_itself_refuses_to_stop_it(aws: AwsSandbox, key: str, code: str, sentence: str) -> None:
    before = state(aws, key)
    result = stop(key)
    assert (result.outcome, result.code, state(aws, key)) == (REFUSED, code, before)
    assert sentence in result.reason
    assert result.request_id


@pytest.mark.parametrize(
    ("key", "code", "sentence"),
    [
        ("stop-protected", "OperationNotPermitted", "remove its stop protection"),
        ("termination-protected", "OperationNotPermitted", "remove its termination protection"),
        ("never", "UnauthorizedOperation", "bailiff:actions=never"),
    ],
)
def test_ec2_itself_refuses_to_delete_it(aws: AwsSandbox, key: str, code: str, sentence: str) -> None:
    before = state(aws, key)
    result = terminate(key)
    assert (result.outcome, result.code, state(aws, key)) == (REFUSED, code, before)
    assert sentence in result.reason


def test_a_stop_protected_instance_that_is_stopped_may_start(aws: AwsSandbox) -> None:
    assert stop("persistent").outcome is DONE
    assert performer().start(ADA, LAB, IDS["persistent"]).outcome is DONE
    assert state(aws, "persistent") == "running"


def test_an_instance_between_two_states_is_not_started(aws: AwsSandbox) -> None:
    aws.delay_transitions()
    assert stop("plain").outcome is DONE
    assert details("plain").state is InstanceState.STOPPING
    refused = performer().start(ADA, LAB, IDS["plain"])
    assert (refused.outcome, refused.code) == (REFUSED, "IncorrectInstanceState")
    assert stop("plain").outcome is DONE
    aws.finish_transitions()
    assert details("plain").state is InstanceState.STOPPED


def test_what_just_starts_or_goes_away_is_neither_stopped_nor_imaged(aws: AwsSandbox) -> None:
    """What Bailiff refuses as busy, EC2 refuses too. It accepts a stop of what stops already, and changes nothing."""
    aws.delay_transitions()
    assert performer().start(ADA, LAB, IDS["stopped"]).outcome is DONE
    assert performer().terminate(ADA, LAB, IDS["plain"]).outcome is DONE
    for key, between in (("stopped", "pending"), ("plain", "shutting-down")):
        image = performer().make_image(ADA, LAB, IDS[key], f"bailiff-{key}", {"bailiff:instance": IDS[key]})
        refused = stop(key)
        assert (refused.outcome, refused.code, state(aws, key)) == (REFUSED, "IncorrectInstanceState", between)
        assert (image.outcome, image.code) == (REFUSED, "IncorrectState")


def test_a_deletion_makes_an_image_first_and_finds_it_again(aws: AwsSandbox) -> None:
    aws.delay_images()
    tags = {"bailiff:instance": IDS["stopped"], "bailiff:deleted-for": ADA.address}
    made = performer().make_image(ADA, LAB, IDS["stopped"], "bailiff-4711", tags)
    again = performer().make_image(ADA, LAB, IDS["stopped"], "bailiff-4711", tags)
    assert (made.outcome, again.outcome, again.image_id) == (DONE, DONE, made.image_id)
    assert image_state(made.image_id) is ImageState.PENDING
    aws.finish_images()
    assert image_state(made.image_id) is ImageState.AVAILABLE
    by_name = performer().image(ADA, LAB, name="bailiff-4711")
    assert isinstance(by_name, MachineImage)
    assert (by_name.id, by_name.size) == (made.image_id, 108)
    assert terminate("stopped").outcome is DONE
    assert state(aws, "stopped") == "terminated"


def image_state(image_id: str) -> ImageState:
    found = performer().image(ADA, LAB, image_id=image_id)
    assert isinstance(found, MachineImage), found
    return found.state


def test_an_image_that_fails_says_so(aws: AwsSandbox) -> None:
    aws.delay_images()
    made = performer().make_image(ADA, LAB, IDS["stopped"], "bailiff-4711", {})
    aws.fail_images()
    found = performer().image(ADA, LAB, image_id=made.image_id)
    assert isinstance(found, MachineImage)
    assert found.state is ImageState.FAILED
    assert found.reason


def test_an_image_that_does_not_exist_is_none(aws: AwsSandbox) -> None:
    assert aws
    assert performer().image(ADA, LAB, name="bailiff-none") is None
    assert performer().image(ADA, LAB, image_id="ami-0123456789abcdef0") is None


def test_no_image_is_made_of_what_is_tagged_never(aws: AwsSandbox) -> None:
    result = performer().make_image(ADA, LAB, IDS["never"], "bailiff-4711", {})
    assert (result.outcome, result.code) == (REFUSED, "UnauthorizedOperation")
    assert performer().image(ADA, LAB, name="bailiff-4711") is None
    assert state(aws, "never") == "running"


def test_a_malformed_name_of_an_image_is_refused(aws: AwsSandbox) -> None:
    assert aws
    assert performer().make_image(ADA, LAB, IDS["stopped"], "a * b", {}).code == "InvalidAMIName.Malformed"
    assert performer().make_image(ADA, LAB, IDS["stopped"], "a", {}).outcome is REFUSED


def test_a_dry_run_checks_every_permission_and_changes_nothing(aws: AwsSandbox) -> None:
    checker = performer(dry_run=True)
    results = [
        checker.stop(ADA, LAB, IDS["plain"]),
        checker.start(ADA, LAB, IDS["stopped"]),
        checker.tag(ADA, LAB, IDS["plain"], "Name", "x"),
        checker.make_image(ADA, LAB, IDS["stopped"], "bailiff-4711", {"a": "b"}),
        checker.terminate(ADA, LAB, IDS["stopped"]),
    ]
    assert {(result.outcome, result.is_dry_run) for result in results} == {(DONE, True)}
    assert (state(aws, "plain"), state(aws, "stopped"), details("plain").name) == ("running", "stopped", "plain")
    assert performer().image(ADA, LAB, name="bailiff-4711") is None
    refused = checker.stop(ADA, LAB, IDS["never"])
    assert (refused.outcome, refused.is_dry_run) == (REFUSED, False)


@pytest.mark.parametrize("action", ["ec2:StopInstances", "ec2:CreateTags"])
def test_a_role_without_the_permission_is_told_which_one_is_missing(aws: AwsSandbox, action: str) -> None:
    weaker = policy("iam-act.json")
    weaker["Statement"] = [one for one in weaker["Statement"] if one["Effect"] == "Deny" or action not in one["Action"]]
    aws.set_role_policy(LAB_ACCOUNT, ACT_ROLE, weaker)
    result = stop("plain") if action.endswith("Instances") else performer().tag(ADA, LAB, IDS["plain"], "Name", "x")
    assert (result.outcome, result.code) == (REFUSED, "UnauthorizedOperation")
    assert result.reason == f"the policy of the role does not allow {action}: compare it with deploy/iam-act.json"


@pytest.mark.parametrize("role", [ACT_ROLE, DELETE_ROLE])
def test_a_role_that_is_refused_does_nothing_and_reads_nothing(aws: AwsSandbox, role: str) -> None:
    aws.refuse_role(LAB_ACCOUNT, role)
    result = stop("plain") if role == ACT_ROLE else terminate("plain")
    assert (result.outcome, state(aws, "plain")) == (REFUSED, "running")
    assert "sts:SetSourceIdentity" in result.reason
    kind = RoleKind.ACTION if role == ACT_ROLE else RoleKind.DELETE
    found = performer().details(ADA, LAB, IDS["plain"], kind)
    assert isinstance(found, Gap)
    assert found.reason == UnreadReason.ROLE_REFUSED


def test_a_wrong_external_id_is_refused(aws: AwsSandbox) -> None:
    result = performer(external_id="guessed-id").stop(ADA, LAB, IDS["plain"])
    assert (result.outcome, state(aws, "plain")) == (REFUSED, "running")


def test_nothing_is_done_for_a_person_without_an_address(aws: AwsSandbox) -> None:
    result = performer().stop(Actor("U0ADA00001", ""), LAB, IDS["plain"])
    assert (result.outcome, state(aws, "plain")) == (REFUSED, "running")
    assert "no e-mail address" in result.reason


def test_a_throttled_region_is_a_refusal_and_not_unknown(aws: AwsSandbox) -> None:
    aws.throttle("eu-west-1", action="StopInstances")
    result = stop("plain")
    assert (result.outcome, result.code, state(aws, "plain")) == (REFUSED, "RequestLimitExceeded", "running")


def test_a_stop_whose_response_is_lost_is_confirmed_by_the_next_attempt(aws: AwsSandbox) -> None:
    aws.lose_responses("eu-west-1", times=1, action="StopInstances")
    assert (stop("plain").outcome, state(aws, "plain")) == (DONE, "stopped")


@pytest.mark.parametrize("action", ["StopInstances", "TerminateInstances"])
def test_a_step_whose_responses_are_all_lost_is_unknown_though_it_was_done(aws: AwsSandbox, action: str) -> None:
    aws.lose_responses("eu-west-1", action=action)
    result = stop("plain") if action == "StopInstances" else terminate("plain")
    assert (result.outcome, result.code) == (StepOutcome.UNKNOWN, "")
    assert state(aws, "plain") in {"stopped", "terminated"}


def test_an_image_whose_response_is_lost_is_made_once_and_found_by_the_next_try(aws: AwsSandbox) -> None:
    aws.lose_responses("eu-west-1", action="CreateImage")
    assert performer().make_image(ADA, LAB, IDS["stopped"], "bailiff-4711", {}).outcome is StepOutcome.UNKNOWN
    assert sum(call.iam_action == "ec2:CreateImage" for call in aws.calls) == 1
    aws.clear_faults()
    again = performer().make_image(ADA, LAB, IDS["stopped"], "bailiff-4711", {})
    assert again.outcome is DONE
    found = performer().image(ADA, LAB, name="bailiff-4711")
    assert isinstance(found, MachineImage)
    assert found.id == again.image_id


def test_the_session_of_a_step_ends_up_in_no_other_call(aws: AwsSandbox) -> None:
    performer().details(ADA, LAB, IDS["plain"], RoleKind.ACTION)
    stop("plain")
    sessions = [json.loads(call.form["Policy"]) for call in aws.calls if call.iam_action == "sts:AssumeRole"]
    actions = [[one["Action"] for one in session["Statement"]] for session in sessions]
    assert actions[-1] == ["ec2:StopInstances"]
    assert all("Stop" not in str(names) for names in actions[:-1])
