"""The remedy against a denial helps against the policy that AWS names."""

import pytest

from bailiff_bot.aws.denials import denial_remedy

CALLER = "arn:aws:sts::111122223333:assumed-role/service-control-policy-reader/bailiff"
ROLE = "arn:aws:iam::444455556666:role/bailiff-read"
ENCODED = (
    " Encoded authorization failure message: AQoDYXdzEJr-explicit_deny_in_a_session_policy-kGJ2example4Q9vKZ8W3hN5yT7r"
)
POLICY_ARN = ": arn:aws:organizations::999988887777:policy/o-x/service_control_policy/p-abcd1234"
EXPLICIT, IMPLICIT = "with an explicit deny in a", "because no"
REGION_SETTINGS = ("BAILIFF_REGIONS", "BAILIFF_EXPECTED_UNREAD")


def of_ec2(why: str, action: str = "ec2:DescribeInstances") -> str:
    """Return a message of EC2."""
    return (
        f"You are not authorized to perform this operation. User: {CALLER} is not authorized to perform: {action} {why}"
    )


def of_sts(why: str) -> str:
    """Return a message of STS."""
    return f"User: {CALLER} is not authorized to perform: sts:AssumeRole on resource: {ROLE} {why}"


def remedy(message: str, operation: str = "DescribeInstances") -> str:
    return denial_remedy("UnauthorizedOperation", message, operation)


@pytest.mark.parametrize("ending", ["", ".", POLICY_ARN, f".{ENCODED}", f"{POLICY_ARN}.{ENCODED}"])
@pytest.mark.parametrize(
    ("why", "words"),
    [
        (f"{EXPLICIT} service control policy", ("organization denies ec2:DescribeInstances", *REGION_SETTINGS)),
        (f"{EXPLICIT} Service Control Policy", ("organization denies ec2:DescribeInstances", *REGION_SETTINGS)),
        (f"{EXPLICIT} resource control policy", ("organization denies ec2:DescribeInstances", *REGION_SETTINGS)),
        (f"{EXPLICIT} permissions boundary", ("permissions boundary", "ec2:DescribeInstances", "without a Deny")),
        (f"{EXPLICIT} session policy", ("session policy", "ec2:DescribeInstances", "without a Deny")),
        (f"{EXPLICIT} VPC endpoint policy", ("policy of the VPC endpoint", "ec2:DescribeInstances", "without a Deny")),
        (f"{EXPLICIT}n identity-based policy", ("remove the Deny of ec2:DescribeInstances", "role or user")),
        ("with an explicit deny", ("remove the Deny of ec2:DescribeInstances", *REGION_SETTINGS)),
        (f"{IMPLICIT} service control policy allows the ec2:DescribeInstances action", REGION_SETTINGS),
        (f"{IMPLICIT} permissions boundary allows the ec2:DescribeInstances action", ("permissions boundary",)),
        (f"{IMPLICIT} session policy allows the ec2:DescribeInstances action", ("session policy",)),
        (
            f"{IMPLICIT} identity-based policy allows the ec2:DescribeInstances action",
            ("allow ec2:DescribeInstances,",),
        ),
    ],
)
def test_the_remedy_is_that_of_the_policy_that_aws_names(why: str, ending: str, words: tuple[str, ...]) -> None:
    found = remedy(of_ec2(why) + ending)
    assert [word for word in words if word not in found] == []
    if why.startswith(EXPLICIT):
        assert "deploy/iam-read-only.json" not in found
    assert len(found.splitlines()) == 1


@pytest.mark.parametrize("why", [f"{EXPLICIT} service control policy", f"{EXPLICIT} permissions boundary"])
def test_the_remedy_names_the_action_that_was_denied(why: str) -> None:
    assert "ec2:DescribeRegions" in remedy(of_ec2(why, "ec2:DescribeRegions"), "DescribeRegions")


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeRegions"])
def test_an_encoded_message_says_how_to_find_the_policy_and_what_helps_against_each(operation: str) -> None:
    found = remedy(f"You are not authorized to perform this operation.{ENCODED}", operation)
    for words in (f"allow ec2:{operation}", "aws sts decode-authorization-message", *REGION_SETTINGS):
        assert words in found


@pytest.mark.parametrize("message", ["You are not authorized to perform this operation.", ""])
def test_a_message_without_a_policy_names_what_helps_against_each(message: str) -> None:
    found = remedy(message)
    for words in ("allow ec2:DescribeInstances", *REGION_SETTINGS):
        assert words in found


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (f"{EXPLICIT} service control policy", ("BAILIFF_ROLE_ARNS", "BAILIFF_EXPECTED_UNREAD")),
        (f"{EXPLICIT} resource control policy", ("BAILIFF_ROLE_ARNS", "BAILIFF_EXPECTED_UNREAD")),
        (f"{EXPLICIT} resource-based policy", ("the role's trust policy", "sts:AssumeRole")),
        (f"{IMPLICIT} resource-based policy allows the sts:AssumeRole action", ("the role's trust policy",)),
        (f"{IMPLICIT} identity-based policy allows the sts:AssumeRole action", ("allow sts:AssumeRole",)),
        (f"{EXPLICIT}n identity-based policy", ("remove the Deny of sts:AssumeRole",)),
    ],
)
def test_the_remedy_for_a_role_is_about_the_role(why: str, words: tuple[str, ...]) -> None:
    found = denial_remedy("AccessDenied", of_sts(why), "AssumeRole")
    assert [word for word in words if word not in found] == []
    assert "BAILIFF_REGIONS" not in found


def test_a_role_that_is_refused_without_a_policy_has_the_remedy_of_every_refused_role() -> None:
    assert denial_remedy("AccessDenied", of_sts(""), "AssumeRole") == ""


@pytest.mark.parametrize("code", ["Blocked", "PendingVerification"])
def test_an_account_that_aws_does_not_serve_is_no_matter_of_permissions(code: str) -> None:
    found = denial_remedy(code, "Your account is currently being verified.", "DescribeInstances")
    assert "AWS Support" in found
    assert "allow" not in found
