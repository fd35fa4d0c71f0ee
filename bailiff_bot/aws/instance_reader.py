"""Reads one instance again, before something is decided about it."""

from collections.abc import Iterable, Sequence

from bailiff_bot.aws.access import Access, Limits, role_access
from bailiff_bot.aws.accounts import list_accounts
from bailiff_bot.aws.target_reader import read_target
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import UnreadReason, unread_gap

LIMITS = Limits(connect_timeout=2.0, read_timeout=5.0, max_attempts=2, target_deadline=10.0)
"""Somebody waits for the answer."""


class InstanceReader:
    """Reads instances with the roles of the scan, each a role's ARN, and the external id that they demand."""

    def __init__(self, role_arns: Iterable[str] = (), external_id: str | None = None, limits: Limits = LIMITS) -> None:
        self._roles = tuple(role_access(arn, external_id) for arn in role_arns)
        self._limits = limits

    def read(self, target: Target, instance_id: str | None) -> tuple[Instance, ...] | Gap:
        """Return the instance as it is now: none if it is gone. Without an id, return all instances of the target.

        Raises nothing for a failure of AWS: then it returns why the target could not be read.
        """
        accesses, gaps = list_accounts(self._roles, self._limits)
        access = _access_to(target, accesses)
        if access is None:
            return next(iter(gaps), unread_gap(target, UnreadReason.ACCESS_DENIED, "no role for its account"))
        # A filter, because DescribeInstances refuses an instance's id together with a page size.
        filters = [{"Name": "instance-id", "Values": [instance_id]}] if instance_id else []
        return read_target(access, target, self._limits, filters)


def _access_to(target: Target, accesses: Sequence[Access]) -> Access | None:
    return next((access for access in accesses if access.account == target.account), None)
