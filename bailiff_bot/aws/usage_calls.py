"""Reads the usage of some instances of one target: all pages of GetMetricData."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from bailiff_bot.aws.access import Access, Limits
from bailiff_bot.aws.error_mapping import translate_aws_errors
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.aws.usage_batches import BILLED_METRICS, UsageBatch, request_body
from bailiff_bot.aws.usage_days import Days, days_by_instance
from bailiff_bot.aws.usage_gaps import usage_gap
from bailiff_bot.aws.usage_page import UsagePage, parse_usage_page
from bailiff_bot.aws.usage_series import Series, bad_answer, joined
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason

TARGET = "GraniteServiceVersion20100801.GetMetricData"
CONTENT_TYPE = "application/x-amz-json-1.0"
"""CloudWatch also speaks CBOR and XML, which Python parses several times slower."""
_RETRIED_REASONS = frozenset({UnreadReason.TIMED_OUT, UnreadReason.UNREACHABLE})
_PARSING = Lock()
"""One thread parses at a time: others would only take memory, since parsing holds Python's global interpreter lock."""


@dataclass(slots=True)
class TargetUsage:
    """What was read of a target, up to the first failure."""

    days: dict[str, Days] = field(default_factory=dict)
    """By instance id."""
    calls: int = 0
    metrics: int = 0
    """As CloudWatch bills them."""
    gap: Gap | None = None
    """Why not all could be read."""


def read_usage(access: Access, target: Target, batches: Sequence[UsageBatch], limits: Limits) -> TargetUsage:
    """Return the figures of the batches, one after the other. A failure ends it; what was read before is returned.

    Raises nothing for a failure of AWS, the network or the credentials; a bug of Bailiff is raised. The function only
    reads, so it may run twice. It ends at `limits.target_deadline` at the latest.
    """
    usage = TargetUsage()
    try:
        with SESSIONS.client("cloudwatch", access, limits, target.region) as cloudwatch:
            for batch in batches:
                usage.days |= _read_batch(cloudwatch, batch, limits.max_attempts, usage)
    except Unreadable as error:
        usage.gap = usage_gap(target, error)
    return usage


def _read_batch(cloudwatch: Any, batch: UsageBatch, attempts: int, usage: TargetUsage) -> dict[str, Days]:
    """Return the figures of a batch. Counts its calls in `usage`."""
    series: dict[str, Series] = {}
    for page in _pages(cloudwatch, batch, attempts, usage):
        series = joined(series, page.series)
    with _PARSING:
        return days_by_instance(batch, series)


def _pages(cloudwatch: Any, batch: UsageBatch, attempts: int, usage: TargetUsage) -> Iterator[UsagePage]:
    token: str | None = None
    while True:
        body = _body(cloudwatch, request_body(batch, token), attempts)
        usage.calls += 1
        usage.metrics += BILLED_METRICS * len(batch.instance_ids)
        with _PARSING:
            page = parse_usage_page(body)
        yield page
        if page.next_token is None:
            return
        if page.next_token == token:
            raise bad_answer("GetMetricData returned the same token for the next page twice")
        token = page.next_token


def _body(cloudwatch: Any, request: bytes, attempts: int) -> bytes:
    """Return the body of an answer. If it breaks off, ask again; botocore retries only what fails before the body."""
    try:
        with translate_aws_errors():
            answer = cloudwatch.get_metric_data(Target=TARGET, ContentType=CONTENT_TYPE, Body=request)
            with answer["Body"] as stream:
                body: bytes = stream.read()
                return body
    except Unreadable as error:
        if error.reason not in _RETRIED_REASONS or attempts <= 1:
            raise
    return _body(cloudwatch, request, attempts - 1)
