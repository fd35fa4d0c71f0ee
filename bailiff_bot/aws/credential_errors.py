"""Turns the failure of a credential provider into one line: which provider, which profile, why, and what to do.

The line never has what a process or an endpoint printed, because that may be a secret.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto

from bailiff_bot.aws.credential_remedies import CONFIGURATION, Source, remedy
from bailiff_bot.aws.error_codes import CREDENTIAL_REASONS
from bailiff_bot.aws.error_mapping import detail_of, reason_of
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.redacted_line import redacted_line
from bailiff_bot.domain.inventory import UnreadReason

_PRINTED = re.compile(r"(from container metadata|Unsupported version).*", re.DOTALL)
"""What botocore quotes of an endpoint's or a process' output."""

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
        remedy(source, error),
    )


def _name(source: Source) -> str:
    name = _NAMES.get(source.method, source.method)
    return f"{name}, profile {source.profile}" if source.has_profile else name


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
