"""How an account is read: plain values that can be pickled and sent to another process."""

import re
from dataclasses import dataclass, field

from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import ALL_REGIONS
from bailiff_bot.domain.role_arn import ROLE_ARN
from bailiff_bot.errors import SettingsError

OWN_ACCOUNT = "own account"
"""Stands for the number of the bot's own account as long as it is unknown."""

_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Access:
    """How one account is read: with the bot's own credentials, or through a role that they may assume."""

    account: str = OWN_ACCOUNT
    partition: str = "aws"
    role_arn: str | None = None
    """None: the account is read with the bot's own credentials."""
    external_id: str | None = field(default=None, repr=False)
    """The `sts:ExternalId` that the role's trust policy demands, if any."""

    @property
    def whole_account(self) -> Target:
        """The target that stands for all regions of the account."""
        return self.target(ALL_REGIONS)

    def target(self, region: str) -> Target:
        """Return the target for one region of the account."""
        return Target(self.account, region, self.partition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long AWS may take. So a dead region costs seconds and delays no other region."""

    connect_timeout: float = 3.0
    """Seconds to connect."""
    read_timeout: float = 10.0
    """Seconds to wait for the next byte of an answer."""
    max_attempts: int = 3
    """Attempts in all. Bailiff retries after throttling, a status 5xx or a broken connection."""
    target_deadline: float = 60.0
    """Seconds for a target, from its first call to the last byte of its last page."""
    scan_deadline: float = 300.0
    """Seconds for all targets together."""


def role_access(arn: str, external_id: str | None = None) -> Access:
    """Return the access to the account of a role.

    Raises SettingsError if `arn` is not the ARN of an IAM role, or if STS does not accept `external_id`.
    """
    match = ROLE_ARN.fullmatch(arn)
    if not match:
        raise SettingsError(f"BAILIFF_ROLE_ARNS: {arn!r} should be like arn:aws:iam::123456789012:role/bailiff-read")
    if external_id and not _EXTERNAL_ID.fullmatch(external_id):
        raise SettingsError("BAILIFF_EXTERNAL_ID should be 2 to 1224 letters, digits or +=,.@:/-_")
    return Access(match["account"], match["partition"], arn, external_id or None)
