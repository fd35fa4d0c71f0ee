"""The gate in front of the services: it refuses what the caller's policies do not allow."""

import base64
import json
from collections.abc import Iterator

from bailiff_bot.sandbox.aws import errors
from bailiff_bot.sandbox.aws.credentials import Principal
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.iam.context import make_context
from bailiff_bot.sandbox.aws.iam.ec2_requests import TagsOf, ec2_requests
from bailiff_bot.sandbox.aws.iam.evaluation import Decision, IamRequest, Verdict, authorize
from bailiff_bot.sandbox.aws.iam.roles import Roles
from bailiff_bot.sandbox.aws.signed_request import SignedRequest


def check_permission(call: SignedRequest, caller: Principal, roles: Roles, tags_of: TagsOf) -> None:
    """Raise the service's error unless everything that a call needs is allowed to the caller.

    Arguments: the call; who makes it; the roles, whose policies are those of now; the tags of a resource by its id.
    """
    identity = roles.permissions(caller.principal_arn)
    for wanted in _iam_requests(call, caller, tags_of):
        request = IamRequest(wanted.action, wanted.resource, caller.context().plus(wanted.context))
        verdict = authorize(identity, caller.session_policy, request)
        if roles.is_withdrawn(wanted.action):
            verdict = Verdict(Decision.NOT_ALLOWED)
        if verdict.decision is not Decision.ALLOWED:
            raise _unauthorized(call.service, caller, request, verdict)


def _iam_requests(call: SignedRequest, caller: Principal, tags_of: TagsOf) -> Iterator[IamRequest]:
    """Yield what IAM decides for a call. Only EC2 knows resources."""
    if call.service == "ec2":
        yield from ec2_requests(call, caller.account, tags_of)
    else:
        yield IamRequest(call.iam_action, "*", make_context({"aws:RequestedRegion": call.region}))


def _unauthorized(service: str, caller: Principal, request: IamRequest, verdict: Verdict) -> AwsApiError:
    reason = verdict.reason(request.action)
    if service == "ec2":
        reason += f". Encoded authorization failure message: {_encoded(request)}"
    return errors.not_authorized(service, caller.arn, request.action, reason, resource=request.resource)


def _encoded(request: IamRequest) -> str:
    """Return an opaque text in place of AWS's, which only `sts:DecodeAuthorizationMessage` reads."""
    content = {"action": request.action, "resource": request.resource}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
