"""Read one target: every page of its DescribeInstances, or the reason why not."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from operator import attrgetter
from time import monotonic
from typing import Any

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.parse import instances
from bailiff_bot.aws.reasons import answered
from bailiff_bot.aws.regions import regions_of
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Reason, Unread

PAGE = 1000
"""Instances a page, the most EC2 gives: without a number, a large region answers slowly and in one piece."""

DEFAULT_LIMITS = Limits()


def read_target(access: Access, target: Target, limits: Limits = DEFAULT_LIMITS) -> tuple[Instance, ...] | Unread:
    """Return the target's instances by id, or why it could not be read as a whole: never a part of them.

    Raises nothing for what AWS, the network or the credentials do; a mistake in this program is raised. It only reads,
    so it may run twice. It may outlast `limits.deadline` by the attempts for one page.
    """
    try:
        pages = _pages(access, target, limits)
        found = {instance.id: instance for page in pages for instance in instances(page, target)}
    except Unreadable as error:
        return _explained(error, access, target, limits).unread(target)
    return tuple(sorted(found.values(), key=attrgetter("id")))


def _pages(access: Access, target: Target, limits: Limits) -> Iterator[Mapping[str, Any]]:
    """Yield page after page; one is asked for when the one before it has been used."""
    ends = monotonic() + limits.deadline
    more: dict[str, str] = {}
    with closing(SESSIONS.client("ec2", access, limits, target.region)) as ec2:
        while True:
            with answered():
                page = ec2.describe_instances(MaxResults=PAGE, **more)
            yield page
            token = page.get("NextToken")
            if not token:
                return
            _refuse_endless(token, more, ends, limits)
            more = {"NextToken": token}


def _refuse_endless(token: str, before: Mapping[str, str], ends: float, limits: Limits) -> None:
    if token == before.get("NextToken"):
        raise Unreadable(Reason.BAD_ANSWER, "the same page was announced twice")
    if monotonic() > ends:
        raise Unreadable(Reason.TIMED_OUT, f"more pages to come after {limits.deadline:g} s")


def _explained(error: Unreadable, access: Access, target: Target, limits: Limits) -> Unreadable:
    """Tell a region that is not enabled from wrong credentials: EC2 says AuthFailure of both.

    The region at home knows. If it only lacks the permission to say, the credentials are good.
    """
    if error.reason is not Reason.BAD_CREDENTIALS:
        return error
    try:
        enabled = regions_of(access, limits).get(target.region, True)
    except Unreadable as other:
        enabled = other.reason is not Reason.ACCESS_DENIED
    return error if enabled else Unreadable(Reason.NOT_ENABLED, error.detail)
