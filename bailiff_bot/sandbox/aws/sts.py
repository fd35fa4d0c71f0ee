"""STS: AssumeRole, decided by the caller's policy and the role's trust policy, and GetCallerIdentity."""

import re
import uuid
from datetime import timedelta
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws.credentials import CredentialStore, Principal, RoleSession
from bailiff_bot.sandbox.aws.errors import AwsApiError
from bailiff_bot.sandbox.aws.iam.context import make_context
from bailiff_bot.sandbox.aws.iam.document import Policy, parse_policy
from bailiff_bot.sandbox.aws.iam.errors import PolicyError
from bailiff_bot.sandbox.aws.iam.evaluation import Decision, IamRequest, evaluate
from bailiff_bot.sandbox.aws.iam.roles import Role, Roles
from bailiff_bot.sandbox.aws.protocols import xml_response
from bailiff_bot.sandbox.aws.signed_request import SignedRequest

MAX_SESSION_POLICY = 2048
"""Characters of an inline session policy."""
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
"""What RoleSessionName and SourceIdentity may be."""
_MIN_LIFETIME, _MAX_LIFETIME = timedelta(minutes=15), timedelta(hours=1)
"""The shortest and the longest session that a role allows by default."""


def respond(request: SignedRequest, caller: Principal, credentials: CredentialStore, roles: Roles) -> Response:
    """Return the response to a call of STS. Raises `AwsApiError`."""
    if request.action == "GetCallerIdentity":
        return _result(request.action, _fields(UserId=caller.user_id, Account=caller.account, Arn=caller.arn))
    if request.action == "AssumeRole":
        return _assume_role(request, caller, credentials, roles)
    raise AwsApiError("InvalidAction", f"Could not find operation {request.action} for version 2011-06-15")


def _assume_role(request: SignedRequest, caller: Principal, credentials: CredentialStore, roles: Roles) -> Response:
    session = _requested_session(request)
    _check_trust(request, caller, session, roles)
    assumed = credentials.issue(session)
    user = _fields(AssumedRoleId=assumed.user_id, Arn=assumed.arn)
    identity = _fields(SourceIdentity=session.source_identity) if session.source_identity else ""
    return _result(
        request.action,
        f"<Credentials>{_credentials(assumed)}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>{identity}",
    )


def _requested_session(request: SignedRequest) -> RoleSession:
    form, lifetime = request.form, timedelta(seconds=int(request.form.get("DurationSeconds", "3600")))
    _check_name("roleSessionName", form.get("RoleSessionName", ""))
    if "SourceIdentity" in form:
        _check_name("sourceIdentity", form["SourceIdentity"])
    if not _MIN_LIFETIME <= lifetime <= _MAX_LIFETIME:
        raise AwsApiError("ValidationError", "The requested DurationSeconds exceeds the limits set for this role.")
    account, _, role = form.get("RoleArn", "").removeprefix("arn:aws:iam::").partition(":role/")
    return RoleSession(
        account, role, form["RoleSessionName"], lifetime, form.get("SourceIdentity", ""), _session_policy(form)
    )


def _check_name(parameter: str, value: str) -> None:
    if not _NAME.fullmatch(value):
        raise _constraint(value, parameter, r"Member must satisfy regular expression pattern: [\w+=,.@-]*")


def _session_policy(form: dict[str, str]) -> Policy | None:
    text = form.get("Policy")
    if text is None:
        return None
    if len(text) > MAX_SESSION_POLICY:
        limit = f"Member must have length less than or equal to {MAX_SESSION_POLICY}"
        raise _constraint(text, "policy", limit)
    try:
        return parse_policy(text)
    except PolicyError as error:
        raise AwsApiError("MalformedPolicyDocument", f"Syntax errors in policy: {error}") from error


def _constraint(value: str, parameter: str, rule: str) -> AwsApiError:
    message = f"1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: {rule}"
    return AwsApiError("ValidationError", message)


def _check_trust(request: SignedRequest, caller: Principal, session: RoleSession, roles: Roles) -> None:
    """Raise AccessDenied, the same for a role that does not exist and for one that does not trust the caller."""
    arn = request.form.get("RoleArn", "")
    role = roles.find(arn)
    actions = ("sts:AssumeRole", *(["sts:SetSourceIdentity"] if session.source_identity else []))
    identity = make_context(
        {
            "sts:ExternalId": _given(request, "ExternalId"),
            "sts:RoleSessionName": session.name,
            "sts:SourceIdentity": _given(request, "SourceIdentity"),
        }
    )
    for action in actions:
        wanted = IamRequest(action, arn, caller.context().plus(identity))
        if role is None or not _is_trusted(role, wanted) or not _may_assume(caller, roles, wanted):
            message = f"User: {caller.arn} is not authorized to perform: {action} on resource: {arn}"
            raise AwsApiError("AccessDenied", message, 403)


def _given(request: SignedRequest, parameter: str) -> tuple[str, ...]:
    return (request.form[parameter],) if parameter in request.form else ()


def _is_trusted(role: Role, request: IamRequest) -> bool:
    return not role.is_refused and evaluate(role.trust, request) is Decision.ALLOWED


def _may_assume(caller: Principal, roles: Roles, request: IamRequest) -> bool:
    """Return True if the caller's own policies allow it: they must, as the trust policy names the account."""
    policies = [roles.permissions(caller.principal_arn), caller.session_policy]
    return all(evaluate(policy, request) is Decision.ALLOWED for policy in policies if policy is not None)


def _credentials(principal: Principal) -> str:
    return _fields(
        AccessKeyId=principal.access_key,
        SecretAccessKey=principal.secret_key,
        SessionToken=principal.token,
        Expiration=f"{principal.expires:%Y-%m-%dT%H:%M:%SZ}",
    )


def _fields(**values: str) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _result(action: str, inner: str) -> Response:
    return xml_response(
        f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{inner}</{action}Result>'
        f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    )
