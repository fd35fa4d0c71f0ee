"""This process's botocore session, its clients and the keys of assumed roles.

A session is expensive and not thread-safe, so there is one, used under a lock. A client is cheap on a shared session
that knows of few operations: it is made for one target, with keys that are fresh at that moment, and closed after it.
So a bot that runs for months never works with keys that have expired.
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
"""How the bot is called in the other account's CloudTrail."""

_DEFAULT_REGION = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where a partition is asked about itself when no region is configured; us-east-1 in the others."""


class Sessions:
    """Clients for every account, from one session; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._roles: dict[Access, _RoleCredentials] = {}

    @contextmanager
    def client(self, service: str, access: Access, limits: Limits, region: str | None = None) -> Iterator[Any]:
        """Give a client, which ends at `limits.deadline`; without a region, where the account is asked about itself.

        Raises Unreadable when there are no credentials, the role cannot be assumed or the region's name is malformed,
        and when the deadline passes.
        """
        keys = self._keys(access, limits)
        with translate_aws_errors(), self._lock:
            session = self._session = self._session or _session()
            region = (
                region or session.get_config_variable("region") or _DEFAULT_REGION.get(access.partition, "us-east-1")
            )
            client = _client(session, service, region, config=_config(limits), **keys)
        with closing(client), deadline(client, limits.target_deadline):
            yield client

    def check_access(self, access: Access, limits: Limits) -> None:
        """See that the account can be entered; raises Unreadable when its role cannot be assumed."""
        self._keys(access, limits)

    def renew_credentials(self, access: Access) -> None:
        """Drop an account's keys: a role is assumed anew, the bot's own are read anew where they are kept."""
        if access.role_arn is None:
            self.reset()
        with self._lock:
            self._roles.pop(access, None)

    def reset(self) -> None:
        """Drop the session and every key."""
        with self._lock:
            self._session = None
            self._roles = {}

    def _keys(self, access: Access, limits: Limits) -> dict[str, str]:
        if access.role_arn is None:
            return {}
        with self._lock:
            role = self._roles.setdefault(access, _RoleCredentials())
        keys = role.keys(partial(self._assume, access, limits))
        return {
            "aws_access_key_id": keys.access_key,
            "aws_secret_access_key": keys.secret_key,
            "aws_session_token": keys.token,
        }

    def _assume(self, access: Access, limits: Limits) -> dict[str, str]:
        """Return new keys as RefreshableCredentials wants them."""
        external_id = {"ExternalId": access.external_id} if access.external_id else {}
        own = Access(partition=access.partition)
        with self.client("sts", own, limits) as sts, translate_aws_errors():
            answer = sts.assume_role(RoleArn=access.role_arn, RoleSessionName=ROLE_SESSION_NAME, **external_id)
        keys = required_field(answer, "Credentials")
        return {
            "access_key": text_field(keys, "AccessKeyId"),
            "secret_key": text_field(keys, "SecretAccessKey"),
            "token": text_field(keys, "SessionToken"),
            "expiry_time": required_field(keys, "Expiration").isoformat(),
        }


class _RoleCredentials:
    """An assumed role's keys, renewed in time; a refusal is not remembered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._credentials: RefreshableCredentials | None = None

    def keys(self, assume: partial[dict[str, str]]) -> ReadOnlyCredentials:
        """Return keys that last for some minutes more; raises Unreadable when the role cannot be assumed."""
        try:
            with self._lock, translate_aws_errors():
                if self._credentials is None:
                    self._credentials = RefreshableCredentials.create_from_metadata(
                        assume(), refresh_using=assume, method="assume-role"
                    )
                return self._credentials.get_frozen_credentials()
        except Unreadable as error:
            if error.reason in {UnreadReason.ACCESS_DENIED, UnreadReason.FAILED}:
                raise Unreadable(UnreadReason.ROLE_REFUSED, error.detail) from error
            raise


def _session() -> Session:
    session = Session()
    session.register_component("data_loader", LOADER)
    session.register_component("response_parser_factory", ParserFactory())
    return session


def _client(session: Session, service: str, region: str, **more: Any) -> Any:
    try:
        return session.create_client(service, region_name=region, **more)
    except ValueError as error:
        if "endpoint" not in str(error):
            raise
        raise Unreadable(UnreadReason.UNREACHABLE, redacted_line(str(error))) from error


def _config(limits: Limits) -> Config:
    return Config(
        connect_timeout=limits.connect_timeout,
        read_timeout=limits.read_timeout,
        retries={"mode": "standard", "total_max_attempts": limits.max_attempts},
        # a client is used by one thread for one target: a single connection, kept from page to page
        max_pool_connections=1,
        user_agent_extra="bailiff",
    )


SESSIONS = Sessions()
"""This process's."""


def with_renewed_credentials(access: Access, call: Callable[[], T]) -> T:
    """Return what `ask` answers, asked again with new keys if those at hand have become useless.

    Key files are mended and role sessions revoked while a bot runs. Raises Unreadable.
    """
    try:
        return call()
    except Unreadable as error:
        if error.reason not in CREDENTIAL_REASONS:
            raise
    SESSIONS.renew_credentials(access)
    return call()
