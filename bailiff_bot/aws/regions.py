"""Lists the regions of an account with DescribeRegions."""

from collections.abc import Mapping

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.response_fields import required_field, text_field
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.inventory import UnreadReason

_NOT_OPTED_IN = "not-opted-in"


def regions_of(access: Access, limits: Limits) -> Mapping[str, bool]:
    """Return every region of the partition by name, with True if the account has it enabled.

    Raises Unreadable, also if the answer contains no region: otherwise nothing would be read and nobody would notice.
    """
    with SESSIONS.client("ec2", access, limits) as ec2, translate_aws_errors():
        answer = ec2.describe_regions(AllRegions=True)
    rows = required_field(answer, "Regions")
    if not rows:
        raise Unreadable(UnreadReason.BAD_ANSWER, "DescribeRegions names no region")
    return {text_field(row, "RegionName"): text_field(row, "OptInStatus") != _NOT_OPTED_IN for row in rows}
