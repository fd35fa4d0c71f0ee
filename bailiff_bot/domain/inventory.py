"""What a scan found, and what it could not see."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.patterns import matches

WHOLE_ACCOUNT = "*"
"""The region of a target that stands for an account whose regions could not even be listed."""


class Reason(StrEnum):
    """Why a target could not be read, in the words a person is told."""

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
    def cure(self) -> str:
        """What an administrator does about it; empty where that depends on the detail."""
        return _CURES.get(self, "")


_CURES = {
    Reason.ACCESS_DENIED: "allow ec2:DescribeInstances there, as deploy/iam-read-only.json does",
    Reason.NOT_ENABLED: "enable it, or declare it in BAILIFF_EXPECTED_UNREAD",
    Reason.UNKNOWN_REGION: "check BAILIFF_REGIONS",
    Reason.BAD_CREDENTIALS: "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    Reason.EXPIRED_CREDENTIALS: "renew the credentials",
    Reason.NO_CREDENTIALS: "set AWS_PROFILE or keys, or attach a role",
    Reason.CLOCK_SKEW: "set the clock",
    Reason.ROLE_REFUSED: "check the role's trust policy, BAILIFF_ROLE_ARNS and BAILIFF_EXTERNAL_ID",
    Reason.UNREACHABLE: "check the network, and AWS_ENDPOINT_URL if it is set",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A target that could not be read: nothing in it is called clean, fixed or gone."""

    target: Target
    reason: Reason
    detail: str = ""
    """What AWS or the network said, for the administrator; never a secret."""

    def __str__(self) -> str:
        place = "every region" if self.target.region == WHOLE_ACCOUNT else self.target.region
        return f"{place} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Inventory:
    """Every instance that was seen, every target that was not, and when."""

    instances: tuple[Instance, ...]
    read: tuple[Target, ...]
    unread: tuple[Unread, ...]
    at: datetime
    """When the scan began, in UTC."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the tenant an inventory speaks of; every message that counts anything ends with it."""

    read: int
    """Targets read."""
    unread: tuple[Unread, ...]
    """Targets that should have been read."""
    expected: tuple[Unread, ...]
    """Targets declared closed: shown, but no alarm."""
    at: datetime
    accounts: int = 1
    """Accounts among all these targets: the messages name them once there are two."""

    @property
    def total(self) -> int:
        """Targets there are."""
        return self.read + len(self.unread) + len(self.expected)

    @property
    def complete(self) -> bool:
        """Whether nothing unexpected was unread."""
        return not self.unread


def coverage(inventory: Inventory, expected_unread: tuple[str, ...] = ()) -> Coverage:
    """Return an inventory's coverage; `expected_unread` holds patterns of `region`, `account` or `account/region`."""
    expected = tuple(unread for unread in inventory.unread if _declared(unread.target, expected_unread))
    return Coverage(
        read=len(inventory.read),
        unread=tuple(unread for unread in inventory.unread if unread not in expected),
        expected=expected,
        at=inventory.at,
        accounts=len({target.account for target in (*inventory.read, *(unread.target for unread in inventory.unread))}),
    )


def _declared(target: Target, patterns: tuple[str, ...]) -> bool:
    names = (target.region, target.account, f"{target.account}/{target.region}")
    return any(matches(pattern, name) for pattern in patterns for name in names)
