"""Read one target: every page of its DescribeInstances, or the reason why not."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.instance_parser import bad_answer
from bailiff_bot.aws.page_parser import Page, parse_page
from bailiff_bot.aws.regions import regions_of
from bailiff_bot.aws.service_model import BODY
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Unread, UnreadReason

PAGE_SIZE = 1000
"""Instances a page, the most EC2 gives: without a number, a large region answers slowly and in one piece."""

_CHUNK_SIZE = 1 << 17
"""Bytes of a body that are parsed at a time."""

_RETRIED_REASONS = frozenset({UnreadReason.TIMED_OUT, UnreadReason.UNREACHABLE})

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
        return _with_exact_reason(error, access, target, limits).unread(target)
    return tuple(sorted(found.values(), key=attrgetter("id")))


def _pages(access: Access, target: Target, limits: Limits) -> Iterator[Page]:
    """Yield page after page; one is asked for when the one before it has been used."""
    token: str | None = None
    with SESSIONS.client("ec2", access, limits, target.region) as ec2:
        while True:
            read = _read_page(ec2, {"NextToken": token} if token else {}, target, limits.max_attempts)
            yield read
            if not read.next_token:
                return
            if read.next_token == token:
                raise bad_answer("the same page was announced twice")
            token = read.next_token


def _read_page(ec2: Any, pagination: dict[str, str], target: Target, attempts: int) -> Page:
    """Return one page, asked for again if its body breaks off; before the body, botocore sees to that."""
    with translate_aws_errors():
        body = ec2.describe_instances(MaxResults=PAGE_SIZE, **pagination)[BODY]
    try:
        return parse_page(_chunks(body), target)
    except Unreadable as error:
        if error.reason not in _RETRIED_REASONS or attempts <= 1:
            raise
    finally:
        body.close()
    return _read_page(ec2, pagination, target, attempts - 1)


def _chunks(body: Any) -> Iterator[bytes]:
    while True:
        with translate_aws_errors():
            piece: bytes = body.read(_CHUNK_SIZE)
        if not piece:
            return
        yield piece


def _with_exact_reason(error: Unreadable, access: Access, target: Target, limits: Limits) -> Unreadable:
    """Tell a region that is not enabled from wrong credentials: EC2 says AuthFailure of both.

    The region at home knows. If it only lacks the permission to say, the credentials are good.
    """
    if error.reason is not UnreadReason.BAD_CREDENTIALS:
        return error
    try:
        enabled = regions_of(access, limits).get(target.region, True)
    except Unreadable as other:
        enabled = other.reason is not UnreadReason.ACCESS_DENIED
    return error if enabled else Unreadable(UnreadReason.NOT_ENABLED, error.detail)
