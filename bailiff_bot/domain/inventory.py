"""The result of a scan: the instances, the targets that could not be read, and the coverage."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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

    @property
    def remedy(self) -> str:
        """What an administrator can do about it; empty if that depends on the detail."""
        return _REMEDIES.get(self, "")


_REMEDIES = {
    UnreadReason.ACCESS_DENIED: "allow ec2:DescribeInstances there, as deploy/iam-read-only.json does",
    UnreadReason.NOT_ENABLED: "enable it, or declare it in BAILIFF_EXPECTED_UNREAD",
    UnreadReason.UNKNOWN_REGION: "check BAILIFF_REGIONS",
    UnreadReason.BAD_CREDENTIALS: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    UnreadReason.EXPIRED_CREDENTIALS: "renew the credentials",
    UnreadReason.NO_CREDENTIALS: "set AWS_PROFILE or keys, or attach a role",
    UnreadReason.CLOCK_SKEW: "set the clock",
    UnreadReason.ROLE_REFUSED: "check the role's trust policy, BAILIFF_ROLE_ARNS and BAILIFF_EXTERNAL_ID",
    UnreadReason.UNREACHABLE: "check the network, and AWS_ENDPOINT_URL if it is set",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A target that could not be read. Nothing in it is called clean, fixed or gone."""

    target: Target
    reason: UnreadReason
    detail: str = ""
    """The error message of AWS or the network, for the administrator. It contains no secret."""

    def __str__(self) -> str:
        region = "every region" if self.target.region == ALL_REGIONS else self.target.region
        return f"{region} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The instances, the targets that were read, those that could not be read, and the time of the scan."""

    instances: tuple[Instance, ...]
    read: tuple[Target, ...]
    unread: tuple[Unread, ...]
    scanned_at: datetime
    """When the scan began, in UTC."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of all targets were read. Every message that counts something ends with it."""

    read_count: int
    """Targets that were read."""
    unread: tuple[Unread, ...]
    """Targets that could not be read and should have been."""
    expected_unread: tuple[Unread, ...]
    """Targets that could not be read and are declared in BAILIFF_EXPECTED_UNREAD: shown without alarm."""
    scanned_at: datetime
    account_count: int = 1
    """Accounts of all these targets. Messages name accounts if there are two or more."""

    @property
    def target_count(self) -> int:
        """All targets, read or not."""
        return self.read_count + len(self.unread) + len(self.expected_unread)

    @property
    def complete(self) -> bool:
        """True if every target that should be read was read."""
        return not self.unread


def coverage(inventory: Inventory, expected_unread: tuple[str, ...] = ()) -> Coverage:
    """Return the coverage of an inventory.

    `expected_unread` holds patterns of `region`, `account` or `account/region`.
    """
    expected = tuple(unread for unread in inventory.unread if _is_expected(unread.target, expected_unread))
    return Coverage(
        read_count=len(inventory.read),
        unread=tuple(unread for unread in inventory.unread if unread not in expected),
        expected_unread=expected,
        scanned_at=inventory.scanned_at,
        account_count=len(
            {target.account for target in (*inventory.read, *(unread.target for unread in inventory.unread))}
        ),
    )


def _is_expected(target: Target, patterns: tuple[str, ...]) -> bool:
    names = (target.region, target.account, f"{target.account}/{target.region}")
    return any(matches(pattern, name) for pattern in patterns for name in names)
