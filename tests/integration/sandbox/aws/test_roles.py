"""The roles of the sandbox that act: who may assume them, and what a session of them may do."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bailiff_bot.sandbox.aws.server import AwsSandbox
from bailiff_bot.sandbox.fixtures import ACT_ROLE, ACTION_ROLE_ARNS, DELETE_ROLE, LAB_ACCOUNT, OWN_ACCOUNT
from tests.integration.sandbox.aws.aws_requests import (
    BY_KEY,
    ClientFactory,
    acting,
    assume,
    describe,
    error_code,
    lab_credentials,
    role_credentials,
)

PROD = BY_KEY["prod-db"].id
ARN = f"arn:aws:ec2:eu-west-1:{OWN_ACCOUNT}:instance/{PROD}"
PERSON = "agr@octo.example"


def session_policy(action: str, resource: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


def message(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return str(caught.value.response["Error"]["Message"])


class TestAssumeRole:
    @pytest.mark.parametrize("account", [OWN_ACCOUNT, LAB_ACCOUNT])
    @pytest.mark.parametrize("role", [ACT_ROLE, DELETE_ROLE])
    def test_is_allowed_for_a_named_person(self, client: ClientFactory, role: str, account: str) -> None:
        identity = client("sts", **role_credentials(client, role, account)).get_caller_identity()

        assert identity["Arn"] == f"arn:aws:sts::{account}:assumed-role/{role}/bailiff-U0AGR00001"

    @pytest.mark.parametrize(
        "change",
        [
            {"SourceIdentity": None},
            {"SourceIdentity": "nobody"},
            {"ExternalId": None},
            {"ExternalId": "wrong"},
            {"RoleSessionName": "somebody"},
        ],
    )
    def test_is_denied_without_what_the_trust_policy_demands(
        self, client: ClientFactory, change: dict[str, Any]
    ) -> None:
        assert error_code(lambda: role_credentials(client, **change)) == "AccessDenied"

    def test_of_the_reading_role_sets_no_source_identity(self, client: ClientFactory) -> None:
        text = message(lambda: assume(client, SourceIdentity=PERSON))

        assert "is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::" in text

    def test_from_a_session_of_a_role_is_denied(self, client: ClientFactory) -> None:
        sts = client("sts", **role_credentials(client))
        parameters = {"RoleArn": ACTION_ROLE_ARNS[1], "RoleSessionName": "bailiff-x", "SourceIdentity": PERSON}

        assert error_code(sts.assume_role, **parameters, ExternalId="bailiff-sandbox") == "AccessDenied"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"SourceIdentity": "a b@octo.example"}, "ValidationError"),
            ({"Policy": "x" * 2049}, "ValidationError"),
            ({"Policy": "not JSON"}, "MalformedPolicyDocument"),
            ({"Policy": '{"Version": "2012-10-17", "Statement": [{}]}'}, "MalformedPolicyDocument"),
        ],
    )
    def test_checks_its_parameters(self, client: ClientFactory, change: dict[str, str], code: str) -> None:
        assert error_code(lambda: role_credentials(client, **change)) == code

    def test_of_a_refused_role_is_denied_until_the_roles_are_reset(
        self, aws: AwsSandbox, client: ClientFactory
    ) -> None:
        aws.refuse_role(OWN_ACCOUNT, ACT_ROLE)

        assert error_code(lambda: role_credentials(client)) == "AccessDenied"
        assert role_credentials(client, DELETE_ROLE)
        aws.reset_roles()
        assert role_credentials(client)

    def test_is_decided_by_the_trust_policy_that_a_test_sets(self, aws: AwsSandbox, client: ClientFactory) -> None:
        statement = {"Effect": "Allow", "Principal": {"AWS": OWN_ACCOUNT}, "Action": "sts:AssumeRole"}
        aws.set_trust_policy(OWN_ACCOUNT, ACT_ROLE, {"Version": "2012-10-17", "Statement": [statement]})

        assert error_code(lambda: role_credentials(client)) == "AccessDenied"
        assert role_credentials(client, SourceIdentity=None)


class TestPermissions:
    @pytest.mark.parametrize("dry_run", [True, False])
    @pytest.mark.parametrize("action", ["stop_instances", "start_instances", "terminate_instances"])
    def test_nothing_is_written_with_the_bots_own_key(
        self, client: ClientFactory, action: str, *, dry_run: bool
    ) -> None:
        assert error_code(getattr(client(), action), InstanceIds=[PROD], DryRun=dry_run) == "UnauthorizedOperation"

    def test_nothing_is_written_with_the_reading_role(self, client: ClientFactory) -> None:
        ec2 = client(**lab_credentials(client))
        lab = BY_KEY["agr-lab"].id

        assert error_code(ec2.start_instances, InstanceIds=[lab]) == "UnauthorizedOperation"
        tags = [{"Key": "Name", "Value": "x"}]
        assert error_code(ec2.create_tags, Resources=[lab], Tags=tags) == "UnauthorizedOperation"

    def test_a_refusal_has_the_words_of_aws(self, client: ClientFactory) -> None:
        text = message(client().stop_instances, InstanceIds=[PROD])

        assert text.startswith(
            f"You are not authorized to perform this operation. User: arn:aws:iam::{OWN_ACCOUNT}:user/bailiff is not "
            f"authorized to perform: ec2:StopInstances on resource: {ARN} because no identity-based policy allows the "
            "ec2:StopInstances action. Encoded authorization failure message: "
        )

    def test_a_refusal_of_a_session_policy_says_so(self, client: ClientFactory) -> None:
        other = ARN.replace(PROD, BY_KEY["agr-notebook"].id)
        ec2 = acting(client, Policy=session_policy("ec2:StopInstances", other))

        text = message(ec2.stop_instances, InstanceIds=[PROD])

        assert "assumed-role/bailiff-act/bailiff-U0AGR00001 is not authorized to perform: ec2:StopInstances" in text
        assert "because no session policy allows the ec2:StopInstances action" in text
        assert ec2.stop_instances(InstanceIds=[BY_KEY["agr-notebook"].id])

    def test_a_session_policy_gives_nothing_that_the_role_has_not(self, client: ClientFactory) -> None:
        ec2 = acting(client, Policy=session_policy("*", "*"))

        assert error_code(ec2.terminate_instances, InstanceIds=[PROD]) == "UnauthorizedOperation"

    def test_one_instance_that_is_not_allowed_refuses_the_whole_call(self, client: ClientFactory) -> None:
        ec2 = acting(client, Policy=session_policy("ec2:StopInstances", ARN))
        both = [PROD, BY_KEY["agr-notebook"].id]

        assert error_code(ec2.stop_instances, InstanceIds=both) == "UnauthorizedOperation"
        assert states(client, both) == {"running"}

    @pytest.mark.parametrize(
        ("tags", "code"),
        [
            ({"Name": "agr-db"}, ""),
            ({"Name": ""}, ""),
            ({"Name": "agr-db", "bailiff:owner": "agr"}, ""),
            ({"name": "agr-db"}, "UnauthorizedOperation"),
            ({"Name": "agr-db", "Owner": "agr"}, "UnauthorizedOperation"),
            ({"bailiff:actions": "always"}, "UnauthorizedOperation"),
        ],
    )
    def test_the_action_role_writes_two_tags_only(self, client: ClientFactory, tags: dict[str, str], code: str) -> None:
        parameters = {"Resources": [PROD], "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ec2 = acting(client)

        if code:
            assert error_code(ec2.create_tags, **parameters) == code
        else:
            ec2.create_tags(**parameters)
            [found] = describe(client(), InstanceIds=[PROD])
            assert tags.items() <= {tag["Key"]: tag["Value"] for tag in found["Tags"]}.items()

    def test_the_action_role_tags_instances_only(self, client: ClientFactory) -> None:
        [instance] = describe(client(), InstanceIds=[PROD])
        volume = instance["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        tags = [{"Key": "Name", "Value": "x"}]

        assert error_code(acting(client).create_tags, Resources=[volume], Tags=tags) == "UnauthorizedOperation"

    def test_what_is_tagged_never_is_refused_by_an_explicit_deny(self, aws: AwsSandbox, client: ClientFactory) -> None:
        aws.set_tag("prod-db", "bailiff:actions", "never")

        text = message(acting(client).stop_instances, InstanceIds=[PROD])
        assert "with an explicit deny in an identity-based policy" in text
        for tags in ([{"Key": "Name", "Value": "x"}], [{"Key": "bailiff:actions", "Value": "x"}]):
            parameters = {"Resources": [PROD], "Tags": tags}
            assert error_code(acting(client).create_tags, **parameters) == "UnauthorizedOperation"
        deleting = acting(client, DELETE_ROLE)
        assert error_code(deleting.terminate_instances, InstanceIds=[PROD]) == "UnauthorizedOperation"
        assert error_code(deleting.create_image, InstanceId=PROD, Name="image") == "UnauthorizedOperation"

    def test_a_policy_that_a_test_sets_counts_for_present_sessions(
        self, aws: AwsSandbox, client: ClientFactory
    ) -> None:
        ec2 = acting(client)
        aws.set_role_policy(OWN_ACCOUNT, ACT_ROLE, session_policy("ec2:Describe*", "*"))

        assert error_code(ec2.stop_instances, InstanceIds=[PROD]) == "UnauthorizedOperation"
        assert describe(ec2)

    def test_sessions_can_be_revoked_by_the_time_of_their_token(self, aws: AwsSandbox, client: ClientFactory) -> None:
        ec2 = acting(client)
        statements = [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}},
            },
        ]
        aws.set_role_policy(OWN_ACCOUNT, ACT_ROLE, {"Version": "2012-10-17", "Statement": statements})

        assert error_code(ec2.describe_instances) == "UnauthorizedOperation"

    def test_a_role_that_does_not_exist_is_the_tests_mistake(self, aws: AwsSandbox) -> None:
        with pytest.raises(LookupError):
            aws.refuse_role(OWN_ACCOUNT, "bailiff-akt")


class TestDryRun:
    def test_checks_the_permission_and_nothing_else(self, client: ClientFactory) -> None:
        gone = BY_KEY["gone"].id

        assert error_code(acting(client).stop_instances, InstanceIds=[gone], DryRun=True) == "DryRunOperation"
        assert error_code(acting(client).stop_instances, InstanceIds=[PROD], DryRun=True) == "DryRunOperation"
        deleting = acting(client, DELETE_ROLE)
        assert error_code(deleting.create_image, InstanceId=PROD, Name="a:b", DryRun=True) == "DryRunOperation"
        assert error_code(deleting.stop_instances, InstanceIds=[PROD], DryRun=True) == "UnauthorizedOperation"
        assert states(client, [PROD]) == {"running"}


def test_a_call_is_recorded_with_its_role_session_and_person(aws: AwsSandbox, client: ClientFactory) -> None:
    acting(client).stop_instances(InstanceIds=[PROD])
    client().describe_instances()

    assume_call, stop_call, read_call = aws.calls
    assert (stop_call.role, stop_call.role_session) == (ACT_ROLE, "bailiff-U0AGR00001")
    assert stop_call.source_identity == PERSON
    assert (assume_call.role, read_call.role, read_call.role_session, read_call.source_identity) == ("", "", "", "")


def states(client: ClientFactory, ids: list[str]) -> set[str]:
    return {instance["State"]["Name"] for instance in describe(client(), InstanceIds=ids)}
