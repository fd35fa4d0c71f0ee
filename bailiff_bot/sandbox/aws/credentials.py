"""The valid access keys (the bot's own, and those of AssumeRole), and the check of every signature."""

import hmac
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bailiff_bot.sandbox.aws import errors
from bailiff_bot.sandbox.aws.iam.context import Context, make_context
from bailiff_bot.sandbox.aws.iam.document import Policy
from bailiff_bot.sandbox.aws.signed_request import SignedRequest
from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT, role_arn

ACCESS_KEY_ID = "AKIABAILIFFSANDBOX01"
SECRET_ACCESS_KEY = "sandbox/key/that/opens/nothing/elsewhere"  # noqa: S105 - the sandbox's, of no use elsewhere
CLOCK_TOLERANCE = timedelta(minutes=5)
"""The largest allowed difference between a request's time and AWS's time."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller with one access key."""

    account: str
    arn: str
    user_id: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    expires: datetime | None = None
    """None: the key does not expire."""
    issued: datetime | None = None
    """When the session began; None for a user."""
    role: str = ""
    """The name of the assumed role; empty for a user."""
    role_session: str = ""
    source_identity: str = ""
    session_policy: Policy | None = None
    """The policy that AssumeRole was given: it narrows that of the role."""

    @property
    def principal_arn(self) -> str:
        """The ARN whose policies count: of the role, or of the user."""
        return role_arn(self.account, self.role) if self.role else self.arn

    def context(self) -> Context:
        """Return what IAM knows of the caller in each request."""
        return make_context(
            {
                "aws:PrincipalArn": self.principal_arn,
                "aws:PrincipalAccount": self.account,
                "aws:PrincipalType": "AssumedRole" if self.role else "User",
                "aws:userid": self.user_id,
                "aws:SourceIdentity": _optional(self.source_identity),
                "aws:TokenIssueTime": (f"{self.issued:%Y-%m-%dT%H:%M:%SZ}",) if self.issued else (),
            }
        )


def _optional(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


BOT_PRINCIPAL = Principal(
    OWN_ACCOUNT, f"arn:aws:iam::{OWN_ACCOUNT}:user/bailiff", "AIDABAILIFF", ACCESS_KEY_ID, SECRET_ACCESS_KEY
)


@dataclass(frozen=True, slots=True)
class RoleSession:
    """The session of a role that AssumeRole is asked for."""

    account: str
    role: str
    """The name of the role."""
    name: str
    lifetime: timedelta
    source_identity: str = ""
    policy: Policy | None = None


class CredentialStore:
    """Every known access key; thread-safe.

    Arguments: the clock that decides when sessions expire.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._principals = {BOT_PRINCIPAL.access_key: BOT_PRINCIPAL}
        self.clock_skew = timedelta(0)
        """How far AWS's clock is ahead of the callers' clock."""

    def issue(self, request: RoleSession) -> Principal:
        """Return new temporary credentials for a session of a role."""
        account, role, session = request.account, request.role, request.name
        now = self._clock()
        alphabet = string.ascii_uppercase + string.digits
        suffix = "".join(secrets.choice(alphabet) for _ in range(16))
        principal = Principal(
            account=account,
            arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            user_id=f"AROA{suffix}:{session}",
            access_key=f"ASIA{suffix}",
            secret_key=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(120),
            expires=now + request.lifetime,
            issued=now,
            role=role,
            role_session=session,
            source_identity=request.source_identity,
            session_policy=request.policy,
        )
        self._principals[principal.access_key] = principal
        return principal

    def expire(self, account: str | None) -> None:
        """Expire every existing key of an account (None: of all accounts)."""
        for key, principal in list(self._principals.items()):
            if account in {None, principal.account}:
                self._principals[key] = replace(principal, expires=self._clock())

    def restore_bot_key(self) -> None:
        """Make the bot's own key valid again."""
        self._principals[BOT_PRINCIPAL.access_key] = BOT_PRINCIPAL

    def authenticate(self, request: SignedRequest) -> Principal:
        """Return the caller. Raises the `AwsApiError` that AWS would return."""
        principal = self._principals.get(request.access_key)
        if principal is None:
            raise errors.not_validated(request.service)
        if not hmac.compare_digest(request.signature, _signature(request, principal)):
            raise errors.wrong_signature(request.service)
        if request.headers.get("x-amz-security-token", "") != principal.token:
            raise errors.not_validated(request.service)
        self._check_clock(request)
        if principal.expires is not None and self._clock() >= principal.expires:
            raise errors.expired(request.service)
        return principal

    def _check_clock(self, request: SignedRequest) -> None:
        if abs(self.clock_skew) <= CLOCK_TOLERANCE:
            return
        sent_at = request.headers["x-amz-date"]
        server_time = f"{self.server_time(request):%Y%m%dT%H%M%SZ}"
        raise errors.skewed(request.service, sent_at, server_time, ahead=self.clock_skew < timedelta(0))

    def server_time(self, request: SignedRequest) -> datetime:
        """Return AWS's time: the caller's time plus the skew, so that tests may move the caller's clock."""
        sent_at = request.headers.get("x-amz-date")
        caller_time = datetime.strptime(sent_at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if sent_at else self._clock()
        return caller_time + self.clock_skew


def _signature(signed_request: SignedRequest, principal: Principal) -> str:
    """Return the signature that botocore computes for this request and key."""
    credentials = Credentials(principal.access_key, principal.secret_key, principal.token or None)
    signer = SigV4Auth(credentials, signed_request.service, signed_request.region)
    headers = {name: signed_request.headers.get(name, "") for name in signed_request.signed_headers}
    request = AWSRequest(
        method=signed_request.method, url=signed_request.url, data=signed_request.body, headers=headers
    )
    request.context["timestamp"] = signed_request.headers.get("x-amz-date", "")
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))
