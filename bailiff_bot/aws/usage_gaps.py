"""Why usage could not be read, and what an administrator can do about it."""

from dataclasses import replace

from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.permissions import GET_METRIC_DATA
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason

_ALLOW = f"allow {GET_METRIC_DATA}, or set BAILIFF_USAGE to off"
_NOT_CLOUDWATCH = "not an answer of CloudWatch"


def usage_gap(target: Target, error: Unreadable) -> Gap:
    """Return the gap of a target whose usage could not be read."""
    gap = replace(error.gap(target), source=GapSource.USAGE)
    if error.reason is UnreadReason.ACCESS_DENIED:
        return replace(gap, remedy=_ALLOW)
    if error.reason is UnreadReason.BAD_ANSWER:
        return replace(gap, reason=_NOT_CLOUDWATCH)
    return gap
