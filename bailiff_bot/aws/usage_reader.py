"""Reads the usage of running instances from CloudWatch, in all targets beside each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from time import monotonic
from typing import Any

from bailiff_bot.aws.access import Access, Limits, role_access
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.pools import cancelling_pool, completed_before
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.aws.usage_batches import batches
from bailiff_bot.aws.usage_calls import TargetUsage, read_usage
from bailiff_bot.aws.usage_gaps import usage_gap
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.inventory import UnreadReason
from bailiff_bot.domain.usage_questions import UsageAnswers, UsageQuestion

_CALLS_AT_A_TIME = 4
"""In one target. CloudWatch throttles an account in a region from about 400,000 values a second on."""


class UsageReader:
    """Reads usage with the roles of the scan, each a role's ARN, and the external id that they demand.

    Arguments: as of AwsScanner. Raises SettingsError for a malformed ARN.
    """

    def __init__(
        self,
        role_arns: Iterable[str] = (),
        external_id: str | None = None,
        executor: Executor | None = None,
        limits: Limits = Limits(),  # noqa: B008 - it is frozen
    ) -> None:
        roles = [role_access(arn, external_id) for arn in role_arns]
        self._role_by_account = {role.account: role for role in reversed(roles)}  # the first one counts
        self._executor = executor
        self._limits = replace(limits, target_deadline=min(limits.target_deadline, limits.scan_deadline))

    def read(self, questions: Mapping[Target, Sequence[UsageQuestion]]) -> UsageAnswers:
        """Return what CloudWatch answers, and a gap for each target of which not all was answered.

        Raises nothing for a failure of AWS, the network or the credentials.
        """
        deadline = monotonic() + self._limits.scan_deadline
        with cancelling_pool(self._executor) as submit:
            reading: dict[Future[Any], Target] = {
                submit(read_usage, self._access(target), target, work, self._limits): target
                for target, work in _work(questions)
            }
            results = [(reading.pop(done), done.result()) for done in completed_before(tuple(reading), deadline)]
        SESSIONS.close_connections()
        return _answers([*results, *((target, self._timed_out(target)) for target in reading.values())])

    def _timed_out(self, target: Target) -> TargetUsage:
        late = Unreadable(UnreadReason.TIMED_OUT, f"usage not read after {self._limits.scan_deadline:g} s")
        return TargetUsage(gap=usage_gap(target, late))

    def _access(self, target: Target) -> Access:
        """Return how the account of a target is read: with its role, else with the bot's own credentials."""
        return self._role_by_account.get(target.account) or Access(target.account, target.partition)


def _work(questions: Mapping[Target, Sequence[UsageQuestion]]) -> Iterator[tuple[Target, list[Any]]]:
    """Yield the calls that are made one after the other, with their target."""
    for target, asked in questions.items():
        calls = batches(asked)
        for first in range(min(_CALLS_AT_A_TIME, len(calls))):
            yield target, calls[first::_CALLS_AT_A_TIME]


def _answers(results: Sequence[tuple[Target, TargetUsage]]) -> UsageAnswers:
    """Return all answers, in the order of the targets. A target has one gap, however many of its calls failed."""
    days: dict[Target, dict[str, Any]] = {}
    gaps: dict[Target, Gap] = {}
    for target, usage in sorted(results, key=lambda result: result[0]):
        days.setdefault(target, {}).update(usage.days)
        if usage.gap:
            gaps.setdefault(target, usage.gap)
    used = [usage for _, usage in results]
    return UsageAnswers(days, tuple(gaps.values()), sum(one.calls for one in used), sum(one.metrics for one in used))
