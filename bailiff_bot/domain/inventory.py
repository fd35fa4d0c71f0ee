"""The result of a scan: the instances, the targets that could not be read, and the coverage."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.patterns import matches

ALL_REGIONS = "*"
"""The region of a target that stands for a whole account, if the account's regions could not be listed."""


class UnreadReason(StrEnum):
    """Why a target could not be read. People read the values."""

    ACCESS_DENIED = "access denied"
    NOT_ENABLED = "region not enabled"
    UNKNOWN_REGION = "no such region"
    BAD_CREDENTIALS = "credentials refused"
    EXPIRED_CREDENTIALS = "credentials expired"
    NO_CREDENTIALS = "no credentials"
    CLOCK_SKEW = "this machine's clock is wrong"
    THROTTLED = "throttled by AWS"
    TIMED_OUT = "timed out"
    UNREACHABLE = "unreachable"
    BAD_ANSWER = "not an answer of EC2"
    ROLE_REFUSED = "role not assumable"
    SERVER_ERROR = "error at AWS"
    FAILED = "failed"


_REMEDIES = {
    UnreadReason.ACCESS_DENIED: "allow ec2:DescribeInstances, as deploy/iam-read-only.json does",
    UnreadReason.NOT_ENABLED: "enable it, or declare it in BAILIFF_EXPECTED_UNREAD",
    UnreadReason.UNKNOWN_REGION: "check BAILIFF_REGIONS",
    UnreadReason.BAD_CREDENTIALS: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    UnreadReason.EXPIRED_CREDENTIALS: "renew the credentials",
    UnreadReason.NO_CREDENTIALS: "set AWS_PROFILE or keys, or attach a role",
    UnreadReason.CLOCK_SKEW: "set the clock",
    UnreadReason.ROLE_REFUSED: "check the role's trust policy, BAILIFF_ROLE_ARNS and BAILIFF_EXTERNAL_ID",
    UnreadReason.UNREACHABLE: "check the network, and AWS_ENDPOINT_URL if it is set",
}
"""What an administrator can do about each reason, where that does not depend on the detail."""


def unread_gap(target: Target, reason: UnreadReason, detail: str = "", remedy: str = "") -> Gap:
    """Return the gap of a target that could not be read. Nothing in it is called clean, fixed or gone.

    `detail` is the error message of AWS or the network, without secrets. Without `remedy`, it is that of the reason.
    """
    return Gap(GapSource.TARGET, target, reason.value, detail, remedy or _REMEDIES.get(reason, ""))


@dataclass(frozen=True, slots=True)
class Inventory:
    """The instances, the targets that were read, and the time of the scan."""

    instances: tuple[Instance, ...]
    read: tuple[Target, ...]
    gaps: tuple[Gap, ...]
    """One for each target that could not be read, sorted by target."""
    scanned_at: datetime
    """When the scan began, in UTC."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which of all targets were read. Every message that counts something ends with it."""

    read: tuple[Target, ...]
    unread: tuple[Target, ...]
    scanned_at: datetime

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets, read or not."""
        return self.read + self.unread

    @property
    def read_count(self) -> int:
        """The number of targets that were read."""
        return len(self.read)

    @property
    def target_count(self) -> int:
        """The number of all targets, read or not."""
        return len(self.targets)

    @property
    def account_count(self) -> int:
        """The number of accounts of all targets. Messages name accounts if there are two or more."""
        return len({target.account for target in self.targets})

    def part(self, selects: Callable[[Target], bool]) -> "Coverage":
        """Return the coverage of the targets for which `selects` is true."""
        return Coverage(tuple(filter(selects, self.read)), tuple(filter(selects, self.unread)), self.scanned_at)


def coverage(inventory: Inventory) -> Coverage:
    """Return the coverage of an inventory."""
    unread = tuple(gap.where for gap in inventory.gaps if gap.where)
    return Coverage(inventory.read, unread, inventory.scanned_at)


def mark_expected(gaps: Iterable[Gap], expected_unread: tuple[str, ...]) -> tuple[Gap, ...]:
    """Return the gaps, those of the declared targets marked as expected.

    `expected_unread` holds patterns of `region`, `account` or `account/region`.
    """
    return tuple(replace(gap, expected=True) if _is_expected(gap, expected_unread) else gap for gap in gaps)


def _is_expected(gap: Gap, patterns: tuple[str, ...]) -> bool:
    if gap.source is not GapSource.TARGET or gap.where is None:
        return False
    names = (gap.where.region, gap.where.account, f"{gap.where.account}/{gap.where.region}")
    return any(matches(pattern, name) for pattern in patterns for name in names)
