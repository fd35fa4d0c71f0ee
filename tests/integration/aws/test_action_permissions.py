"""The calls that each feature makes and what the policies allow are the same, compared both ways.

The calls are recorded as they reach AWS. The role's policies are the files in `deploy/`; the session policies are those
that the calls of AssumeRole carry.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count

import pytest

from bailiff_bot.aws.actions.ec2_actions import AwsActions
from bailiff_bot.aws.service_model import CHANGES, READ_BY_ACTIONS
from bailiff_bot.domain.aws_step import RoleKind
from tests.integration.aws.acting import ADA, IMAGE, IMAGE_NAME, INSTANCE, SPOT, TARGET, actions, described, prepare
from tests.integration.aws.fake_aws import AwsRequest, FakeAws, ec2_error
from tests.integration.aws.policy_matcher import Needed, allows, entries, needed_for
from tests.unit.deploy_files import ROOT, policy

ROLES = {"bailiff-act": "iam-act.json", "bailiff-delete": "iam-delete.json"}


def rename(aws: AwsActions) -> None:
    aws.details(ADA, TARGET, INSTANCE, RoleKind.ACTION)
    aws.tag(ADA, TARGET, INSTANCE, "Name", "agr-web")
    aws.tag(ADA, TARGET, INSTANCE, "bailiff:owner", "ada@octo.example")


def stop_and_undo(aws: AwsActions) -> None:
    aws.details(ADA, TARGET, INSTANCE, RoleKind.ACTION)
    aws.stop(ADA, TARGET, INSTANCE)
    aws.start(ADA, TARGET, INSTANCE)


def delete(aws: AwsActions) -> None:
    aws.details(ADA, TARGET, INSTANCE, RoleKind.DELETE)
    aws.terminate(ADA, TARGET, INSTANCE)


def delete_with_image(aws: AwsActions) -> None:
    delete(aws)
    aws.make_image(ADA, TARGET, INSTANCE, IMAGE_NAME, {"bailiff:instance": INSTANCE})
    aws.image(ADA, TARGET, image_id=IMAGE)


FEATURES: dict[str, tuple[Callable[[AwsActions], None], str]] = {
    "rename": (rename, "bailiff-act"),
    "stop and undo": (stop_and_undo, "bailiff-act"),
    "delete": (delete, "bailiff-delete"),
    "delete with image": (delete_with_image, "bailiff-delete"),
}
ROWS = {"rename": "rename, assign to", "delete": "delete without image"}
"""What docs/permissions.md calls a feature, if it is something else."""


def documented_actions(feature: str) -> set[str]:
    """Return the actions that docs/permissions.md lists for a feature."""
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(f"| {ROWS.get(feature, feature)} |")]
    assert f"`{FEATURES[feature][1]}`" in row
    return set(re.findall(r"`(ec2:\w+)`", row))


@dataclass(frozen=True, slots=True)
class Session:
    """A session: its role, its policy, and what the calls that it signed need."""

    role: str
    policy: str
    needed: tuple[Needed, ...]


@pytest.fixture
def record(fake_aws: FakeAws) -> Callable[[str], list[Session]]:
    """Return a function that performs a feature on a plain and on a spot instance, and returns its sessions."""

    @cache
    def perform(feature: str) -> list[Session]:
        prepare(fake_aws)
        fake_aws.requests.clear()
        for reply in (described(), described(SPOT)):
            fake_aws.on("DescribeInstances", reply)
            FEATURES[feature][0](actions())
        return list(sessions(fake_aws.requests))

    return perform


def sessions(requests: list[AwsRequest]) -> Iterator[Session]:
    assumed = [request for request in requests if request.action == "AssumeRole"]
    for number, request in zip(count(1), assumed, strict=False):
        signed = [
            one for one in requests if one.action != "AssumeRole" and int(re.sub(r"\D", "", one.access_key)) == number
        ]
        needed = tuple(need for one in signed for need in needed_for(one, TARGET.account))
        yield Session(request.form["RoleArn"].rpartition("/")[2], request.form["Policy"], needed)


every_feature = pytest.mark.parametrize("feature", FEATURES)
Record = Callable[[str], list[Session]]


@every_feature
def test_every_call_of_a_feature_is_allowed_by_its_session_and_by_its_role(record: Record, feature: str) -> None:
    for session in record(feature):
        for need in session.needed:
            assert allows(json.loads(session.policy), need), need
            assert allows(policy(ROLES[session.role]), need), need


@every_feature
def test_a_session_allows_nothing_that_the_feature_does_not_call(record: Record, feature: str) -> None:
    found = record(feature)
    for session in found:
        same = [need for one in found if one.policy == session.policy for need in one.needed]
        unused = [entry for entry in entries(json.loads(session.policy)) if not any(map(entry.matches, same))]
        assert unused == []


@every_feature
def test_a_feature_uses_one_role_and_exactly_the_documented_actions(record: Record, feature: str) -> None:
    found = record(feature)
    assert {session.role for session in found} == {FEATURES[feature][1]}
    assert {need.action for session in found for need in session.needed} == documented_actions(feature)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_nothing_that_no_feature_calls(record: Record, role: str) -> None:
    needed = [
        need
        for feature, (_, of_feature) in FEATURES.items()
        if of_feature == role
        for session in record(feature)
        for need in session.needed
    ]
    assert [entry for entry in entries(policy(ROLES[role])) if not any(map(entry.matches, needed))] == []


def test_the_client_knows_no_call_that_no_feature_makes(record: Record) -> None:
    called = {need.action for feature in FEATURES for session in record(feature) for need in session.needed}
    assert called == {f"ec2:{operation}" for operation in (*READ_BY_ACTIONS, *CHANGES)}


@every_feature
def test_no_feature_changes_what_is_tagged_never(record: Record, feature: str) -> None:
    for session in record(feature):
        for need in session.needed:
            if "instance/" in need.resource and "Describe" not in need.action:
                tagged: Mapping[str, tuple[str, ...]] = {**need.context, "aws:ResourceTag/bailiff:actions": ("Never",)}
                assert not allows(policy(ROLES[session.role]), Needed(need.action, need.resource, tagged))


@every_feature
def test_a_session_that_is_stolen_reaches_no_other_instance(record: Record, feature: str) -> None:
    for session in record(feature):
        for need in session.needed:
            if "instance/" in need.resource:
                other = Needed(need.action, need.resource.replace(INSTANCE, "i-0000000000000000f"), need.context)
                assert not allows(json.loads(session.policy), other)


@pytest.mark.parametrize("keys", [(), ("bailiff:actions",), ("Name", "Owner"), ("Name", "bailiff:owner")])
def test_a_session_that_renames_writes_no_other_tag(record: Record, keys: tuple[str, ...]) -> None:
    resource = f"arn:aws:ec2:eu-west-1:{TARGET.account}:instance/{INSTANCE}"
    need = Needed("ec2:CreateTags", resource, {"aws:TagKeys": keys})
    assert not any(allows(json.loads(session.policy), need) for session in record("rename"))
    assert allows(policy("iam-act.json"), need) is (set(keys) == {"Name", "bailiff:owner"})


def test_the_delete_role_tags_nothing_but_a_new_image(record: Record) -> None:
    assert record("delete with image")
    image = f"arn:aws:ec2:eu-west-1::image/{IMAGE}"
    assert not allows(policy("iam-delete.json"), Needed("ec2:CreateTags", image, {"aws:TagKeys": ("Name",)}))


def test_a_taken_name_is_looked_up_with_what_is_allowed(fake_aws: FakeAws) -> None:
    prepare(fake_aws).on("CreateImage", ec2_error("InvalidAMIName.Duplicate"))
    actions().make_image(ADA, TARGET, INSTANCE, IMAGE_NAME, {})
    for session in sessions(fake_aws.requests):
        assert all(allows(json.loads(session.policy), need) for need in session.needed)
