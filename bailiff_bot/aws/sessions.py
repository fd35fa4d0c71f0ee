"""The botocore session of this process, its clients and the credentials of assumed roles.

A session is expensive and not thread-safe, so there is one, used under a lock. A client is cheap, because the session's
model of EC2 is small. Each client is made for one target with current credentials, and closed afterwards. So a bot that
runs for months never uses expired credentials.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, TypeVar

from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials, RefreshableCredentials
from botocore.session import Session

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.deadline import deadline
from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.service_model import LOADER
from bailiff_bot.aws.streaming_parser import ParserFactory
from bailiff_bot.domain.inventory import UnreadReason

T = TypeVar("T")

ROLE_SESSION_NAME = "bailiff"
"""The session name that the other account's CloudTrail shows."""

_DEFAULT_REGION = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""By partition, the region for calls about the account if none is configured. In other partitions us-east-1."""


class Sessions:
    """Makes clients for all accounts from one session. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._roles: dict[Access, _RoleCredentials] = {}

    @contextmanager
    def client(self, service: str, access: Access, limits: Limits, region: str | None = None) -> Iterator[Any]:
        """Yield a client that works until `limits.target_deadline`. Without `region`, it uses the default region.

        Raises Unreadable if there are no credentials, the role cannot be assumed, the region's name is malformed or the
        deadline passes.
        """
        credentials = self._credentials(access, limits)
        with translate_aws_errors(), self._lock:
            session = self._session = self._session or _session()
            region = (
                region or session.get_config_variable("region") or _DEFAULT_REGION.get(access.partition, "us-east-1")
            )
            client = _client(session, service, region, config=_config(limits), **credentials)
        with closing(client), deadline(client, limits.target_deadline):
            yield client

    def check_access(self, access: Access, limits: Limits) -> None:
        """Raise Unreadable if the account's role cannot be assumed."""
        self._credentials(access, limits)

    def renew_credentials(self, access: Access) -> None:
        """Drop the credentials of an account. The next client assumes the role again, or loads the bot's own again."""
        if access.role_arn is None:
            self.reset()
        with self._lock:
            self._roles.pop(access, None)

    def reset(self) -> None:
        """Drop the session and all credentials."""
        with self._lock:
            self._session = None
            self._roles = {}

    def _credentials(self, access: Access, limits: Limits) -> dict[str, str]:
        """Return the credentials as arguments of `create_client`; none for the bot's own, which botocore finds."""
        if access.role_arn is None:
            return {}
        with self._lock:
            role = self._roles.setdefault(access, _RoleCredentials())
        credentials = role.current(partial(self._assume_role, access, limits))
        return {
            "aws_access_key_id": credentials.access_key,
            "aws_secret_access_key": credentials.secret_key,
            "aws_session_token": credentials.token,
        }

    def _assume_role(self, access: Access, limits: Limits) -> dict[str, str]:
        """Return new credentials in the format of RefreshableCredentials."""
        external_id = {"ExternalId": access.external_id} if access.external_id else {}
        own = Access(partition=access.partition)
        with self.client("sts", own, limits) as sts, translate_aws_errors():
            answer = sts.assume_role(RoleArn=access.role_arn, RoleSessionName=ROLE_SESSION_NAME, **external_id)
        credentials = required_field(answer, "Credentials")
        return {
            "access_key": text_field(credentials, "AccessKeyId"),
            "secret_key": text_field(credentials, "SecretAccessKey"),
            "token": text_field(credentials, "SessionToken"),
            "expiry_time": required_field(credentials, "Expiration").isoformat(),
        }


class _RoleCredentials:
    """The credentials of an assumed role, renewed before they expire. A refusal is not cached."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: RefreshableCredentials | None = None

    def current(self, assume_role: partial[dict[str, str]]) -> ReadOnlyCredentials:
        """Return credentials that are valid for some minutes more. Raises Unreadable if the role cannot be assumed."""
        try:
            with self._lock, translate_aws_errors():
                if self._credentials is None:
                    self._credentials = RefreshableCredentials.create_from_metadata(
                        assume_role(), refresh_using=assume_role, method="assume-role"
                    )
                return self._credentials.get_frozen_credentials()
        except Unreadable as error:
            if error.reason in {UnreadReason.ACCESS_DENIED, UnreadReason.FAILED}:
                raise Unreadable(UnreadReason.ROLE_REFUSED, error.detail, error.remedy) from error
            raise


def _session() -> Session:
    session = Session()
    session.register_component("data_loader", LOADER)
    session.register_component("response_parser_factory", ParserFactory())
    return session


def _client(session: Session, service: str, region: str, **options: Any) -> Any:
    try:
        return session.create_client(service, region_name=region, **options)
    except ValueError as error:
        if "endpoint" not in str(error):
            raise
        raise Unreadable(UnreadReason.UNREACHABLE, redacted_line(str(error))) from error


def _config(limits: Limits) -> Config:
    return Config(
        connect_timeout=limits.connect_timeout,
        read_timeout=limits.read_timeout,
        retries={"mode": "standard", "total_max_attempts": limits.max_attempts},
        # one thread uses a client for one target, so one connection is enough for all pages
        max_pool_connections=1,
        user_agent_extra="bailiff",
    )


SESSIONS = Sessions()
"""The sessions of this process."""


def with_renewed_credentials(access: Access, call: Callable[[], T]) -> T:
    """Return the result of `call`. If it fails because of the credentials, renew them and call it once more.

    A key file can be corrected and a role session revoked while a bot runs. Raises Unreadable.
    """
    try:
        return call()
    except Unreadable as error:
        if error.reason not in CREDENTIAL_REASONS:
            raise
    SESSIONS.renew_credentials(access)
    return call()
