"""Turns the failure of a credential provider into one line: which provider, which profile, why, and what to do.

The line never has what a process or an endpoint printed, because that may be a secret. An argument of a command may
be one too, so only the program is named.
"""

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from botocore import exceptions as boto

from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.error_mapping import detail_of, reason_of
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

CONFIGURATION = "configuration"
"""The method of a source that stands for the AWS configuration as a whole."""

_ECS_ADDRESS = "http://169.254.170.2"
_PRINTED = re.compile(r"(from container metadata|Unsupported version).*", re.DOTALL)
"""What botocore quotes of an endpoint's or a process' output."""
_NETWORK_REASONS = frozenset({UnreadReason.UNREACHABLE, UnreadReason.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class Source:
    """A provider of credentials, for one profile."""

    method: str
    """botocore's name of the provider: `sso`, `custom-process`."""
    profile: str
    settings: Mapping[str, str]
    """The profile's lines in the AWS configuration files."""
    files: str
    """The paths of these files, as text for people."""


@contextmanager
def explained_errors(source: Source) -> Iterator[None]:
    """Turn every error of the provider into Unreadable during the block. Put only calls of botocore into the block."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001 - what botocore and a provider's file can raise is not documented
        # without the cause: its text may have what a process or an endpoint printed
        raise unreadable(source, error) from None


def unreadable(source: Source, error: Exception) -> Unreadable:
    """Return the error for a provider that failed. Its reason is always one of `CREDENTIAL_REASONS`."""
    reason = reason_of(error)
    return Unreadable(
        reason if reason in CREDENTIAL_REASONS else UnreadReason.NO_CREDENTIALS,
        redacted_line(f"{_name(source)}: {_cause(source, error)}"),
        _remedy(source, error),
    )


def _name(source: Source) -> str:
    name = _NAMES.get(source.method, source.method)
    return name if source.method in _WITHOUT_PROFILE else f"{name}, profile {source.profile}"


def _cause(source: Source, error: Exception) -> str:
    if isinstance(error, boto.RefreshWithMFAUnsupportedError):
        return "the role needs an MFA code (mfa_serial), and Bailiff asks for none"
    if source.method == "custom-process" and isinstance(error, (ValueError, TypeError, AttributeError, LookupError)):
        return "its output is not JSON with credentials"
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}"
    if isinstance(error, RuntimeError):
        return "the credentials have expired, and no newer ones came"
    if isinstance(error, boto.BotoCoreError):
        return _PRINTED.sub(r"\1", str(error))
    return detail_of(error)


def _remedy(source: Source, error: Exception) -> str:
    profile = shlex.quote(source.profile)
    if isinstance(error, boto.RefreshWithMFAUnsupportedError):
        return f'run eval "$(aws configure export-credentials --profile {profile} --format env)", then start Bailiff'
    if isinstance(error, boto.ProfileNotFound):
        return f"set AWS_PROFILE to a profile in {source.files}"
    if isinstance(error, boto.MissingDependencyException):
        return "install botocore[crt] where Bailiff is installed"
    if source.method not in _WITHOUT_PROFILE and isinstance(error, _WRONG_SETTINGS):
        return f"correct profile {profile} in {source.files}"
    if source.method not in _WITHOUT_PROFILE and reason_of(error) in _NETWORK_REASONS:
        return f"check the network, and the region and endpoints in profile {profile}"
    return _REMEDIES.get(source.method, _correct_profile)(source, error)


def _correct_profile(source: Source, _error: Exception) -> str:
    return f"correct profile {shlex.quote(source.profile)} in {source.files}"


def _environment(_source: Source, error: Exception) -> str:
    if isinstance(error, boto.PartialCredentialsError):
        return f"set {error.kwargs['cred_var']}, or unset AWS_ACCESS_KEY_ID"
    return "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION"


def _role(source: Source, error: Exception) -> str:
    role = source.settings.get("role_arn")
    origin = source.settings.get("source_profile") or source.settings.get("credential_source")
    if isinstance(error, boto.ClientError):
        return f"check that {role} trusts the credentials of {origin}, and that these are valid"
    return f"check that {role} is a role's ARN, and that {origin} has credentials"


def _web_identity(source: Source, error: Exception) -> str:
    path = os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") or source.settings.get("web_identity_token_file")
    role = os.environ.get("AWS_ROLE_ARN") or source.settings.get("role_arn")
    if isinstance(error, boto.ClientError):
        return f"check that {role} trusts the issuer of the token in {path}, and that the token is valid"
    return f"check that the token file {path} exists, can be read and holds a token, and that {role} is a role's ARN"


def _sso(source: Source, error: Exception) -> str:
    login = f"run aws sso login --profile {shlex.quote(source.profile)}"
    if isinstance(error, boto.ClientError):
        return f"check sso_account_id and sso_role_name of the profile in {source.files}, or {login}"
    return login


def _process(source: Source, _error: Exception) -> str:
    program = _program(source.settings.get("credential_process", ""))
    return f"run the command in a terminal to see why: {program} (credential_process in {source.files})"


def _program(command: str) -> str:
    """Return the program of a command, and the script that it runs. Other arguments may be secrets."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "(unbalanced quotation marks)"
    shown = words[: 2 if len(words) > 1 and Path(words[1]).is_file() else 1]
    return " ".join([*shown, *(["…"] if len(words) > len(shown) else [])])


def _container(_source: Source, error: Exception) -> str:
    if isinstance(error, OSError):
        return "correct AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
    relative = os.environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
    address = f"{_ECS_ADDRESS}{relative}" if relative else os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    return f"check the role of the task or pod, and that {redacted_line(str(address))} answers"


_NAMES = {
    CONFIGURATION: "AWS configuration",
    "env": "environment variables",
    "assume-role": "role",
    "assume-role-with-web-identity": "web identity",
    "sso": "SSO",
    "shared-credentials-file": "credentials file",
    "login": "login",
    "custom-process": "credential_process",
    "config-file": "configuration file",
    "ec2-credentials-file": "AWS_CREDENTIAL_FILE",
    "boto-config": "Boto 2 configuration",
    "container-role": "container credentials",
    "iam-role": "instance metadata (IMDS)",
}
"""By botocore's name of a provider, a name for people."""

_WITHOUT_PROFILE = frozenset({"env", "ec2-credentials-file", "boto-config", "container-role", "iam-role"})

_WRONG_SETTINGS = (
    boto.InvalidConfigError,
    boto.ConfigParseError,
    boto.PartialCredentialsError,
    boto.UnknownCredentialError,
    boto.InvalidRegionError,
)

_REMEDIES: Mapping[str, Callable[[Source, Exception], str]] = {
    "env": _environment,
    "assume-role": _role,
    "assume-role-with-web-identity": _web_identity,
    "sso": _sso,
    "login": lambda source, _error: f"run aws login --profile {shlex.quote(source.profile)}",
    "custom-process": _process,
    "ec2-credentials-file": lambda _source, _error: "correct or unset AWS_CREDENTIAL_FILE",
    "boto-config": lambda _source, _error: "correct the file in BOTO_CONFIG, or ~/.boto or /etc/boto.cfg",
    "container-role": _container,
    "iam-role": lambda _source, _error: "attach a role to this machine, or set AWS_PROFILE or keys",
}
"""What to do about a provider that failed. For all others: correct the profile."""
