"""The requests that the sandbox's AWS was sent, for tests to look at."""

from dataclasses import dataclass, field
from typing import Any

from bailiff_bot.sandbox.aws.credentials import Principal
from bailiff_bot.sandbox.aws.signed_request import SignedRequest


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A request with valid credentials."""

    account: str
    region: str
    iam_action: str
    """The action with IAM's name: `ec2:DescribeInstances`."""
    form: dict[str, str]
    """The parameters of a call of EC2 or STS."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """The parameters of a call of CloudWatch or the Price List."""
    role: str = ""
    """The name of the role of the caller; empty for the bot's own key."""
    role_session: str = ""
    """The name of the session of the role."""
    source_identity: str = ""
    """For whom the session acts."""


def aws_call(request: SignedRequest, caller: Principal) -> AwsCall:
    """Return what is kept of a request."""
    return AwsCall(
        caller.account,
        request.region,
        request.iam_action,
        request.form,
        request.parameters or {},
        caller.role,
        caller.role_session,
        caller.source_identity,
    )
