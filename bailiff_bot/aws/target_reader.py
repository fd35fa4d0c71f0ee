"""Reads one target: all pages of DescribeInstances."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import structlog

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.botocore_parser import parse_with_botocore
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.page_parser import Page, parse_page
from bailiff_bot.aws.regions import regions_of
from bailiff_bot.aws.service_model import BODY
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.aws.xml_fields import bad_answer
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import UnreadReason

PAGE_SIZE = 1000
"""Instances a page, EC2's maximum. Without a page size, EC2 sends a large region slowly and in one answer."""

_CHUNK_SIZE = 1 << 17
"""Bytes of a body that are read and parsed at a time."""

_RETRIED_REASONS = frozenset({UnreadReason.TIMED_OUT, UnreadReason.UNREACHABLE})

DEFAULT_LIMITS = Limits()

log = structlog.get_logger()

Filters = Sequence[Mapping[str, Any]]
"""Filters of DescribeInstances."""
Parse = Callable[[Iterable[bytes], Target], Page]
"""Returns the page whose body arrives in chunks. Raises Unreadable."""


def read_target(
    access: Access, target: Target, limits: Limits = DEFAULT_LIMITS, filters: Filters = ()
) -> tuple[Instance, ...] | Gap:
    """Return all instances of the target, sorted by id, or the reason why it could not be read completely.

    With `filters`, return only the instances that EC2 selects by them.

    Raises nothing for a failure of AWS, the network or the credentials; a bug of Bailiff is raised. The function only
    reads, so it may run twice. It ends at `limits.target_deadline` at the latest.
    """
    try:
        pages = _pages(access, target, limits, filters)
        instances = {instance.id: instance for page in pages for instance in page.instances}
    except Unreadable as error:
        return _with_exact_reason(error, access, target, limits).gap(target)
    return tuple(sorted(instances.values(), key=attrgetter("id")))


def _pages(access: Access, target: Target, limits: Limits, filters: Filters) -> Iterator[Page]:
    """Yield all pages. Each page is requested when the caller has used the one before.

    If our own parser refuses a page, the page is requested again, and botocore parses it and all pages after it.
    """
    token: str | None = None
    parse: Parse = parse_page
    selection: dict[str, Any] = {"Filters": list(filters)} if filters else {}
    with SESSIONS.client("ec2", access, limits, target.region) as ec2:
        while True:
            try:
                page = _read_page(
                    ec2, selection | ({"NextToken": token} if token else {}), target, limits.max_attempts, parse
                )
            except Unreadable as error:
                if error.reason is not UnreadReason.BAD_ANSWER or parse is parse_with_botocore:
                    raise
                parse = parse_with_botocore
                continue
            if parse is parse_with_botocore:
                log.info("page.parsed_by_botocore", target=str(target), instances=len(page.instances))
            yield page
            if not page.next_token:
                return
            if page.next_token == token:
                raise bad_answer("EC2 returned the same token for the next page twice")
            token = page.next_token


def _read_page(ec2: Any, selection: dict[str, Any], target: Target, attempts: int, parse: Parse) -> Page:
    """Return one page. If its body breaks off, request it again; botocore retries only what fails before the body."""
    with translate_aws_errors():
        body = ec2.describe_instances(MaxResults=PAGE_SIZE, **selection)[BODY]
    try:
        return parse(_chunks(body), target)
    except Unreadable as error:
        if error.reason not in _RETRIED_REASONS or attempts <= 1:
            raise
    finally:
        body.close()
    return _read_page(ec2, selection, target, attempts - 1, parse)


def _chunks(body: Any) -> Iterator[bytes]:
    while True:
        with translate_aws_errors():
            chunk: bytes = body.read(_CHUNK_SIZE)
        if not chunk:
            return
        yield chunk


def _with_exact_reason(error: Unreadable, access: Access, target: Target, limits: Limits) -> Unreadable:
    """Return the error with the reason `NOT_ENABLED` if the region is not enabled; else unchanged.

    EC2 answers AuthFailure both for a region that is not enabled and for wrong credentials. DescribeRegions in the
    default region tells which it is. If only the permission for that call is missing, the credentials are valid, so
    the region is not enabled.
    """
    if error.reason is not UnreadReason.BAD_CREDENTIALS:
        return error
    try:
        enabled = regions_of(access, limits).get(target.region, True)
    except Unreadable as regions_error:
        enabled = regions_error.reason is not UnreadReason.ACCESS_DENIED
    return error if enabled else Unreadable(UnreadReason.NOT_ENABLED, error.detail)
