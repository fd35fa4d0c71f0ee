"""Who may ask: the bot's own key, the sessions that AssumeRole made, and the check of every signature."""

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
from bailiff_bot.sandbox.aws.signed_request import Call
from bailiff_bot.sandbox.fixtures import OWN_ACCOUNT

ACCESS_KEY_ID = "AKIABAILIFFSANDBOX01"
SECRET_ACCESS_KEY = "sandbox/key/that/opens/nothing/elsewhere"  # noqa: S105 - the sandbox's, of no use elsewhere
TOLERANCE = timedelta(minutes=5)
"""How far a request's clock may be off."""


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
    """None: a key without end."""


BOT = Principal(
    OWN_ACCOUNT, f"arn:aws:iam::{OWN_ACCOUNT}:user/bailiff", "AIDABAILIFF", ACCESS_KEY_ID, SECRET_ACCESS_KEY
)


class Keyring:
    """Every key that is known; safe to use from several threads.

    Arguments: the clock by which sessions end.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._known = {BOT.access_key: BOT}
        self.skew = timedelta(0)
        """How far AWS's clock runs ahead of the callers'."""

    def issue(self, account: str, role: str, session: str, lifetime: timedelta) -> Principal:
        """Make temporary credentials for a role's session."""
        alphabet = string.ascii_uppercase + string.digits
        suffix = "".join(secrets.choice(alphabet) for _ in range(16))
        principal = Principal(
            account=account,
            arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
            user_id=f"AROA{suffix}:{session}",
            access_key=f"ASIA{suffix}",
            secret_key=secrets.token_urlsafe(30),
            token=secrets.token_urlsafe(120),
            expires=self._clock() + lifetime,
        )
        self._known[principal.access_key] = principal
        return principal

    def expire(self, account: str | None) -> None:
        """End every key of an account (None: of all accounts) that exists by now."""
        for key, principal in list(self._known.items()):
            if account in {None, principal.account}:
                self._known[key] = replace(principal, expires=self._clock())

    def renew(self) -> None:
        """Make the bot's own key good again."""
        self._known[BOT.access_key] = BOT

    def authenticate(self, call: Call) -> Principal:
        """Tell who calls, or raise the `Refusal` AWS would answer with."""
        principal = self._known.get(call.access_key)
        if principal is None:
            raise errors.not_validated(call.service)
        if not hmac.compare_digest(call.signature, _signature(call, principal)):
            raise errors.wrong_signature(call.service)
        if call.headers.get("x-amz-security-token", "") != principal.token:
            raise errors.not_validated(call.service)
        self._check_clock(call)
        if principal.expires is not None and self._clock() >= principal.expires:
            raise errors.expired(call.service)
        return principal

    def _check_clock(self, call: Call) -> None:
        if abs(self.skew) <= TOLERANCE:
            return
        stamp = call.headers["x-amz-date"]
        ours = f"{self.server_time(call):%Y%m%dT%H%M%SZ}"
        raise errors.skewed(call.service, stamp, ours, ahead=self.skew < timedelta(0))

    def server_time(self, call: Call) -> datetime:
        """AWS's time: the caller's own and the skew, so that a test that moves the clock is not refused."""
        stamp = call.headers.get("x-amz-date")
        told = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if stamp else self._clock()
        return told + self.skew


def _signature(call: Call, principal: Principal) -> str:
    """Sign the request again as botocore signed it."""
    credentials = Credentials(principal.access_key, principal.secret_key, principal.token or None)
    signer = SigV4Auth(credentials, call.service, call.region)
    headers = {name: call.headers.get(name, "") for name in call.signed_headers}
    request = AWSRequest(method=call.method, url=call.url, data=call.body, headers=headers)
    request.context["timestamp"] = call.headers.get("x-amz-date", "")
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))
