"""The gate in front of EC2: it refuses what the caller's policies do not allow."""

import base64
import json

from bailiff_bot.sandbox.aws.credentials import Principal
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.iam.ec2_requests import TagsOf, ec2_requests
from bailiff_bot.sandbox.aws.iam.evaluation import Decision, IamRequest, Verdict, authorize
from bailiff_bot.sandbox.aws.iam.roles import Roles
from bailiff_bot.sandbox.aws.signed_request import SignedRequest


def check_permission(call: SignedRequest, caller: Principal, roles: Roles, tags_of: TagsOf) -> None:
    """Raise UnauthorizedOperation unless everything that a call of EC2 needs is allowed to the caller.

    Arguments: the call; who makes it; the roles, whose policies are those of now; the tags of a resource by its id.
    """
    identity = roles.permissions(caller.principal_arn)
    for wanted in ec2_requests(call, caller.account, tags_of):
        request = IamRequest(wanted.action, wanted.resource, caller.context().plus(wanted.context))
        verdict = authorize(identity, caller.session_policy, request)
        if verdict.decision is not Decision.ALLOWED:
            raise _unauthorized(caller, request, verdict)


def _unauthorized(caller: Principal, request: IamRequest, verdict: Verdict) -> AwsApiError:
    resource = "" if request.resource == "*" else f" on resource: {request.resource}"
    return AwsApiError(
        "UnauthorizedOperation",
        f"You are not authorized to perform this operation. User: {caller.arn} is not authorized to perform: "
        f"{request.action}{resource} {verdict.reason(request.action)}. "
        f"Encoded authorization failure message: {_encoded(request)}",
        403,
    )


def _encoded(request: IamRequest) -> str:
    """Return an opaque text in place of AWS's, which only `sts:DecodeAuthorizationMessage` reads."""
    content = {"action": request.action, "resource": request.resource}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
