"""Clients that all accounts share: one for each service and region, with one pool of connections.

A client takes as much time as twenty calls. So what belongs to one account is not in the client: the credentials that
sign a call, and its deadline, are those of the block that the calling thread is in. A retry runs in the same thread.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.retries.standard import register_retry_handler
from botocore.session import Session

from bailiff_bot.aws.access import Limits
from bailiff_bot.aws.deadline import obey_deadlines
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

Keys = Callable[[], ReadOnlyCredentials | None]
"""Returns the keys that sign a call; None if there are none. botocore then raises NoCredentialsError."""

_MAX_CONNECTIONS = 256
"""Idle connections that a client keeps: as many as threads may scan (`BAILIFF_SCAN_THREADS`)."""

_DEFAULT_REGION = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""By partition, the region for calls about the account if none is configured. In other partitions us-east-1."""

_KEYS: ContextVar[Keys] = ContextVar("keys")
"""The keys of the block that this thread is in. Outside of such a block no call can be signed."""


@contextmanager
def signed_with(keys: Keys) -> Iterator[None]:
    """Sign the calls that this thread makes during the block with these keys."""
    token = _KEYS.set(keys)
    try:
        yield
    finally:
        _KEYS.reset(token)


class SharedClients:
    """Makes each client once. Not thread-safe: a session is not."""

    def __init__(self, session: Session) -> None:
        self._session = session
        own = session.get_component("credential_provider").load_credentials()
        self.own_keys: Keys = own.get_frozen_credentials if own else lambda: None
        """The bot's own keys, renewed by botocore."""
        session.register_component("credential_provider", _KeysOfTheBlock())
        self._clients: dict[tuple[str, str, Limits], Any] = {}

    def client(self, service: str, region: str | None, partition: str, limits: Limits) -> Any:
        """Return the client. Without `region`, it uses the configured or the partition's default region."""
        region = region or self._session.get_config_variable("region") or _DEFAULT_REGION.get(partition, "us-east-1")
        key = service, region, limits
        if key not in self._clients:
            self._clients[key] = _client(self._session, service, region, limits)
        return self._clients[key]

    def close_connections(self) -> None:
        """Close the idle connections. The clients can still be used."""
        for client in self._clients.values():
            client.close()


class _KeysOfTheBlock(Credentials):  # type: ignore[misc]  # botocore is untyped
    """Credentials of a client, and their provider: those of the block that the calling thread is in."""

    def __init__(self) -> None:
        super().__init__("", "")

    def load_credentials(self) -> Credentials:
        """Return the credentials for a new client."""
        return self

    def get_frozen_credentials(self) -> ReadOnlyCredentials | None:
        """Return the keys. botocore asks for them at each signature."""
        return _KEYS.get()()


def _client(session: Session, service: str, region: str, limits: Limits) -> Any:
    try:
        client = session.create_client(service, region_name=region, config=client_config(session, limits))
    except ValueError as error:
        if "endpoint" not in str(error):
            raise
        raise Unreadable(UnreadReason.UNREACHABLE, redacted_line(str(error))) from error
    _retry_without_quota(client, limits.max_attempts)
    obey_deadlines(client)
    return client


def client_config(session: Session, limits: Limits) -> Config:
    """Return how a client connects, waits and retries."""
    return Config(
        connect_timeout=limits.connect_timeout,
        read_timeout=limits.read_timeout,
        retries={"mode": "standard", "total_max_attempts": limits.max_attempts},
        max_pool_connections=_MAX_CONNECTIONS,
        user_agent=f"{session.user_agent()} bailiff",  # else botocore builds a longer one twice for each call
    )


def _retry_without_quota(client: Any, max_attempts: int) -> None:
    """Let only `max_attempts` limit the retries.

    botocore's quota of retries belongs to the client. So a few accounts that AWS throttles would use up the retries of
    all others.
    """
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister(f"needs-retry.{service}", unique_id=f"retry-config-{service}")
    register_retry_handler(client, max_attempts)._retry_quota = _NoQuota()  # noqa: SLF001 - there is no setting


class _NoQuota:
    """In place of botocore's quota of retries."""

    def acquire_retry_quota(self, _context: Any) -> bool:
        """Allow a retry."""
        return True
