"""Which regions an account has, by DescribeRegions with that account's own credentials."""

from collections.abc import Mapping

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import answered
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.response_fields import required, text
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.inventory import Reason

_CLOSED = "not-opted-in"


def regions_of(access: Access, limits: Limits) -> Mapping[str, bool]:
    """Return every region of the partition by name, and whether the account has it enabled.

    Raises Unreadable, also for an answer without any region: nothing would be read, and nobody told.
    """
    with SESSIONS.client("ec2", access, limits) as ec2, answered():
        answer = ec2.describe_regions(AllRegions=True)
    rows = required(answer, "Regions")
    if not rows:
        raise Unreadable(Reason.BAD_ANSWER, "DescribeRegions names no region")
    return {text(row, "RegionName"): text(row, "OptInStatus") != _CLOSED for row in rows}
