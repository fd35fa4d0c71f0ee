"""How to get at an account: plain values that can be pickled and sent to another process."""

import re
from dataclasses import dataclass, field

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS
from bailiff_bot.errors import SettingsError

OWN_ACCOUNT = "own account"
"""Stands for the number of the bot's own account while nobody knows it."""

_ROLE_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/[\w+=,.@/-]+", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Access:
    """The way into one account: the bot's own credentials, or a role that they may assume."""

    account: str = OWN_ACCOUNT
    partition: str = "aws"
    role_arn: str | None = None
    """None: the bot's own credentials are the account's."""
    external_id: str | None = field(default=None, repr=False)
    """What the role's trust policy asks for as `sts:ExternalId`, if anything."""

    @property
    def whole_account(self) -> Target:
        """The target that stands for every region of the account."""
        return self.target(ALL_REGIONS)

    def target(self, region: str) -> Target:
        """Return one region of the account."""
        return Target(self.account, region, self.partition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long AWS may take; a dead region then costs seconds, and delays no other."""

    connect_timeout: float = 3.0
    """Seconds for one connection."""
    read_timeout: float = 10.0
    """Seconds without a byte of the answer."""
    max_attempts: int = 3
    """Calls in all, for what may be asked again: throttling, 5xx, a broken connection."""
    target_deadline: float = 60.0
    """Seconds for a target, from its first call to the last byte of its last page."""
    scan_deadline: float = 300.0
    """Seconds for all targets together."""


def role_access(arn: str, external_id: str | None = None) -> Access:
    """Return the way into the account of a role.

    Raises SettingsError for what is not the ARN of an IAM role, and for an external id that STS does not take.
    """
    match = _ROLE_ARN.fullmatch(arn)
    if not match:
        raise SettingsError(f"BAILIFF_ROLE_ARNS: {arn!r} should be like arn:aws:iam::123456789012:role/bailiff-read")
    if external_id and not _EXTERNAL_ID.fullmatch(external_id):
        raise SettingsError("BAILIFF_EXTERNAL_ID should be 2 to 1224 letters, digits or +=,.@:/-_")
    return Access(match["account"], match["partition"], arn, external_id or None)
