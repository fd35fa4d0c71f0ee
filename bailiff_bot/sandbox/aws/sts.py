"""STS: AssumeRole, which requires the external id, and GetCallerIdentity."""

import re
import uuid
from datetime import timedelta
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from bailiff_bot.sandbox.aws.credentials import CredentialStore, Principal
from bailiff_bot.sandbox.aws.errors import AwsApiError, xml_response
from bailiff_bot.sandbox.aws.signed_request import SignedRequest
from bailiff_bot.sandbox.fixtures import EXTERNAL_ID, LAB_ACCOUNT, LAB_ROLE_ARN

_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_MIN_LIFETIME, _MAX_LIFETIME = timedelta(minutes=15), timedelta(hours=1)
"""The shortest and the longest session that a role allows by default."""


def respond(request: SignedRequest, caller: Principal, credentials: CredentialStore) -> Response:
    """Return the response to a call of STS. Raises `AwsApiError`."""
    if request.action == "GetCallerIdentity":
        return _result(request.action, _fields(UserId=caller.user_id, Account=caller.account, Arn=caller.arn))
    if request.action == "AssumeRole":
        return _assume_role(request, caller, credentials)
    raise AwsApiError("InvalidAction", f"Could not find operation {request.action} for version 2011-06-15")


def _assume_role(request: SignedRequest, caller: Principal, credentials: CredentialStore) -> Response:
    role, session = request.form.get("RoleArn", ""), request.form.get("RoleSessionName", "")
    _check_parameters(session, lifetime := timedelta(seconds=int(request.form.get("DurationSeconds", "3600"))))
    # AWS sends the same error for a role that does not exist and for one that does not trust the caller.
    if role != LAB_ROLE_ARN or request.form.get("ExternalId") != EXTERNAL_ID:
        message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role}"
        raise AwsApiError("AccessDenied", message, 403)
    assumed = credentials.issue(LAB_ACCOUNT, role.rpartition("/")[2], session, lifetime)
    user = _fields(AssumedRoleId=assumed.user_id, Arn=assumed.arn)
    return _result(
        request.action,
        f"<Credentials>{_credentials(assumed)}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>",
    )


def _check_parameters(session: str, lifetime: timedelta) -> None:
    if not _SESSION_NAME.fullmatch(session):
        raise AwsApiError("ValidationError", f"Value '{session}' at 'roleSessionName' failed to satisfy constraint")
    if not _MIN_LIFETIME <= lifetime <= _MAX_LIFETIME:
        raise AwsApiError("ValidationError", "The requested DurationSeconds exceeds the limits set for this role.")


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
