"""botocore's providers of credentials, changed in two points: none asks for anything, and each explains its failure.

botocore asks for an MFA code on the terminal, and gives a `credential_process` the terminal too. A bot has nobody to
answer, and a command in a script would wait for ever.
"""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore import exceptions as boto
from botocore.credentials import (
    AssumeRoleProvider,
    CredentialResolver,
    ProcessProvider,
    ProfileProviderBuilder,
    create_credential_resolver,
)

from bailiff_bot.aws.credential_errors import explained_errors
from bailiff_bot.aws.credential_remedies import CONFIGURATION, Source
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.domain.inventory import UnreadReason

PROCESS_TIMEOUT = 30.0
"""Seconds that a `credential_process` may take."""

_STS_REGION = "us-east-1"
"""The region in which a role of the configuration files is assumed if no region is configured."""


def install_credential_providers(session: Any) -> None:
    """Make a botocore session use these providers. Raises Unreadable if the AWS configuration cannot be used."""
    profile = session.get_config_variable("profile") or "default"
    with explained_errors(Source(CONFIGURATION, profile, {}, _files(session))):
        region = session.get_config_variable("region") or _STS_REGION
        providers = create_credential_resolver(session, region_name=region).providers
        session.get_auth_token()  # checks the profile's `sso_session`
    builder = _ProviderBuilder(session, cache={}, region_name=region)
    for provider in providers:
        _prepare(provider, profile, builder)
    session.register_component("credential_provider", _Resolver(providers, profile))


class _Resolver(CredentialResolver):  # type: ignore[misc]  # botocore is untyped
    """Returns the credentials of the first provider that has any."""

    def __init__(self, providers: Sequence[Any], profile: str) -> None:
        super().__init__(providers)
        self._profile = profile

    def load_credentials(self) -> Any:
        """Return the credentials. Raises Unreadable."""
        credentials = super().load_credentials()
        if credentials is None:
            raise Unreadable(
                UnreadReason.NO_CREDENTIALS,
                f"neither the environment nor profile {self._profile} has any, and no container or instance offers any",
            )
        return credentials


class _ProviderBuilder(ProfileProviderBuilder):  # type: ignore[misc]  # botocore is untyped
    """Makes the providers of a `source_profile`."""

    def providers(self, profile_name: str, disable_env_vars: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 - botocore's
        """Return the providers of a profile."""
        providers: list[Any] = super().providers(profile_name, disable_env_vars)
        for provider in providers:
            _prepare(provider, profile_name, self)
        return providers

    def source(self, method: str, profile: str) -> Source:
        """Return what an error of a provider is explained with."""
        settings = self._session.full_config["profiles"].get(profile, {})
        return Source(method, profile, settings, _files(self._session))


def _prepare(provider: Any, profile: str, builder: _ProviderBuilder) -> None:
    """Make a provider silent, and let it explain its failures. botocore has no public way to change its providers."""
    if isinstance(provider, ProcessProvider):
        provider._popen = _run  # noqa: SLF001 - see above
    if isinstance(provider, AssumeRoleProvider):
        provider._prompter = _refuse_to_ask  # noqa: SLF001 - see above
        provider._profile_provider_builder = builder  # noqa: SLF001 - see above
    provider.load = _explained_load(provider.load, builder.source(provider.METHOD, profile))


def _explained_load(load: Callable[[], Any], source: Source) -> Callable[[], Any]:
    """Return `load` with its errors explained, and those of the credentials when they are fetched or renewed later."""

    def explained() -> Any:
        with explained_errors(source):
            credentials = load()
        if credentials is not None:
            credentials.get_frozen_credentials = _explained(credentials.get_frozen_credentials, source)
        return credentials

    return explained


def _explained(call: Callable[[], Any], source: Source) -> Callable[[], Any]:
    def explained() -> Any:
        with explained_errors(source):
            return call()

    return explained


def _refuse_to_ask(_prompt: str) -> str:
    raise boto.RefreshWithMFAUnsupportedError


@dataclass(frozen=True, slots=True)
class _EndedProcess:
    """A process that has ended, with what botocore uses of `subprocess.Popen`."""

    returncode: int
    stdout: bytes

    def communicate(self) -> tuple[bytes, bytes]:
        """Return the output and, instead of what the process wrote to standard error, its exit code."""
        return self.stdout, b"exit code %d" % self.returncode


def _run(command: Sequence[str], **_options: object) -> _EndedProcess:
    """Run a `credential_process` without input, terminal and standard error, which may have secrets."""
    with subprocess.Popen(  # noqa: S603 - the command of the AWS configuration, as the AWS command line runs it
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a process without a terminal cannot ask on it
    ) as process:
        try:
            stdout, _ = process.communicate(timeout=PROCESS_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise boto.CredentialRetrievalError(
                provider=ProcessProvider.METHOD, error_msg=f"no answer within {PROCESS_TIMEOUT:g} s"
            ) from None
    return _EndedProcess(process.returncode, stdout)


def _files(session: Any) -> str:
    paths = (session.get_config_variable(name) for name in ("config_file", "credentials_file"))
    return " or ".join(map(str, paths))
