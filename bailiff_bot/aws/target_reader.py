"""Read one target: every page of its DescribeInstances, or the reason why not."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import answered
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.instance_parser import refusal
from bailiff_bot.aws.page_parser import Page, page
from bailiff_bot.aws.regions import regions_of
from bailiff_bot.aws.service_model import BODY
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Reason, Unread

PAGE = 1000
"""Instances a page, the most EC2 gives: without a number, a large region answers slowly and in one piece."""

_PIECE = 1 << 17
"""Bytes of a body that are parsed at a time."""

_BROKEN_OFF = frozenset({Reason.TIMED_OUT, Reason.UNREACHABLE})

DEFAULT_LIMITS = Limits()


def read_target(access: Access, target: Target, limits: Limits = DEFAULT_LIMITS) -> tuple[Instance, ...] | Unread:
    """Return the target's instances by id, or why it could not be read as a whole: never a part of them.

    Raises nothing for what AWS, the network or the credentials do; a mistake in this program is raised. It only reads,
    so it may run twice. It ends at `limits.deadline`, whatever comes or does not come.
    """
    try:
        pages = _pages(access, target, limits)
        found = {instance.id: instance for page in pages for instance in page.instances}
    except Unreadable as error:
        return _explained(error, access, target, limits).unread(target)
    return tuple(sorted(found.values(), key=attrgetter("id")))


def _pages(access: Access, target: Target, limits: Limits) -> Iterator[Page]:
    """Yield page after page; one is asked for when the one before it has been used."""
    token: str | None = None
    with SESSIONS.client("ec2", access, limits, target.region) as ec2:
        while True:
            read = _page(ec2, {"NextToken": token} if token else {}, target, limits.attempts)
            yield read
            if not read.next_token:
                return
            if read.next_token == token:
                raise refusal("the same page was announced twice")
            token = read.next_token


def _page(ec2: Any, more: dict[str, str], target: Target, attempts: int) -> Page:
    """Return one page, asked for again if its body breaks off; before the body, botocore sees to that."""
    with answered():
        body = ec2.describe_instances(MaxResults=PAGE, **more)[BODY]
    try:
        return page(_pieces(body), target)
    except Unreadable as error:
        if error.reason not in _BROKEN_OFF or attempts <= 1:
            raise
    finally:
        body.close()
    return _page(ec2, more, target, attempts - 1)


def _pieces(body: Any) -> Iterator[bytes]:
    while True:
        with answered():
            piece: bytes = body.read(_PIECE)
        if not piece:
            return
        yield piece


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
