"""The botocore session of this process, its shared clients and the credentials of assumed roles.

A session is expensive and not thread-safe, so there is one, used under a lock. Its clients are shared by all accounts;
each use signs with current credentials. So a bot that runs for months never uses expired credentials.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from botocore.credentials import ReadOnlyCredentials, RefreshableCredentials
from botocore.session import Session

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.credential_providers import install_credential_providers
from bailiff_bot.aws.deadline import deadline
from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.service_model import LOADER
from bailiff_bot.aws.shared_clients import Keys, SharedClients, client_config, signed_with
from bailiff_bot.aws.streaming_parser import ParserFactory
from bailiff_bot.domain.inventory import UnreadReason

T = TypeVar("T")

ROLE_SESSION_NAME = "bailiff"
"""The session name that the other account's CloudTrail shows."""


class Sessions:
    """Lends clients to all accounts, from one session. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: SharedClients | None = None
        self._roles: dict[Access, _RoleCredentials] = {}

    @contextmanager
    def client(self, service: str, access: Access, limits: Limits, region: str | None = None) -> Iterator[Any]:
        """Yield a client that works in this thread until `limits.target_deadline`.

        It signs with the credentials of the account. Without `region`, it uses the default region.

        Raises Unreadable if there are no credentials, the role cannot be assumed, the region's name is malformed or the
        deadline passes.
        """
        role_keys = self._role_keys(access, limits)
        with translate_aws_errors(), self._lock:
            clients = self._clients = self._clients or SharedClients(_session())
            client = clients.client(service, region, access.partition, limits)
        with signed_with(role_keys or clients.own_keys), deadline(limits.target_deadline):
            yield client

    def check_access(self, access: Access, limits: Limits) -> None:
        """Raise Unreadable if the account's role cannot be assumed."""
        self._role_keys(access, limits)

    def renew_credentials(self, access: Access) -> None:
        """Drop the credentials of an account. The next client assumes the role again, or loads the bot's own again."""
        if access.role_arn is None:
            self.reset()
        with self._lock:
            self._roles.pop(access, None)

    def reset(self) -> None:
        """Drop the session and all credentials."""
        with self._lock:
            self._clients = None
            self._roles = {}

    def close_connections(self) -> None:
        """Close the idle connections of all clients. AWS closes them soon, and then they would only take memory."""
        with self._lock:
            if self._clients:
                self._clients.close_connections()

    def _role_keys(self, access: Access, limits: Limits) -> Keys | None:
        """Return the keys of the account's role; None if the account is read with the bot's own."""
        if access.role_arn is None:
            return None
        with self._lock:
            role = self._roles.setdefault(access, _RoleCredentials())
        credentials = role.current(partial(self._assume_role, access, limits))
        return lambda: credentials

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
    session.set_default_client_config(
        client_config(session, Limits())
    )  # for the clients that botocore makes to fetch credentials
    install_credential_providers(session)
    return session


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
