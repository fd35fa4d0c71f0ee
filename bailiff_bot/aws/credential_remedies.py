"""What an administrator can do about a credential provider that failed.

An argument of a `credential_process` may be a secret, so only its program is named.
"""

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore import exceptions as boto

from bailiff_bot.aws.error_mapping import reason_of
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

CONFIGURATION = "configuration"
"""The method of a source that stands for the AWS configuration as a whole."""

_ECS_ADDRESS = "http://169.254.170.2"
_NETWORK_REASONS = frozenset({UnreadReason.UNREACHABLE, UnreadReason.TIMED_OUT})
_WITHOUT_PROFILE = frozenset({"env", "ec2-credentials-file", "boto-config", "container-role", "iam-role"})

_WRONG_SETTINGS = (
    boto.InvalidConfigError,
    boto.ConfigParseError,
    boto.PartialCredentialsError,
    boto.UnknownCredentialError,
    boto.InvalidRegionError,
)


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

    @property
    def has_profile(self) -> bool:
        """Return True if the provider reads the settings of a profile."""
        return self.method not in _WITHOUT_PROFILE


def remedy(source: Source, error: Exception) -> str:
    """Return what an administrator can do about an error of a provider, on one line without secrets."""
    profile = shlex.quote(source.profile)
    if isinstance(error, boto.RefreshWithMFAUnsupportedError):
        return f'run eval "$(aws configure export-credentials --profile {profile} --format env)", then start Bailiff'
    if isinstance(error, boto.ProfileNotFound):
        return f"set AWS_PROFILE to a profile in {source.files}"
    if isinstance(error, boto.MissingDependencyException):
        return "install botocore[crt] where Bailiff is installed"
    if source.has_profile and isinstance(error, _WRONG_SETTINGS):
        return f"correct profile {profile} in {source.files}"
    if source.has_profile and reason_of(error) in _NETWORK_REASONS:
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
