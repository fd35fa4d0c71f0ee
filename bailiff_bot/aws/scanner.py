"""The scan: every target of every account, wide, into one inventory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import chain
from operator import attrgetter, itemgetter
from time import monotonic
from typing import Any

from bailiff_bot.aws.access import Limits, role_access
from bailiff_bot.aws.accounts import list_accounts, list_targets
from bailiff_bot.aws.target_reader import DEFAULT_LIMITS, read_target
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Inventory, Unread, UnreadReason

SCAN_THREADS = 32
"""Threads of the default pool: they mostly wait, and EC2 throttles each region on its own."""

TargetResult = tuple[Instance, ...] | Unread
Progress = Callable[[int, int], None]
"""Called with the targets done and the targets in all, first with none done."""
Submit = Callable[..., Future[Any]]


class AwsScanner:
    """Reads every EC2 instance of the bot's own account and of each role's.

    Arguments: the ARNs of the roles to assume, each in an account of its own; the external id they ask for; the regions
    to read, or none for those each account has enabled; an executor to read with, which is not shut down (None: a pool
    of threads for each scan); how long AWS may take. Raises SettingsError for a malformed ARN.
    """

    def __init__(
        self,
        role_arns: Iterable[str] = (),
        external_id: str | None = None,
        regions: Iterable[str] | None = None,
        executor: Executor | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._roles = tuple(role_access(arn, external_id) for arn in role_arns)
        self._regions = tuple(dict.fromkeys(regions or ())) or None
        self._executor = executor
        self._limits = replace(limits, target_deadline=min(limits.target_deadline, limits.scan_deadline))

    def scan(self, now: datetime, progress: Progress = lambda _done, _total: None) -> Inventory:
        """Return all that could be read and all that could not; `now`, in UTC, is when it began.

        Raises nothing for what AWS, the network or the credentials do.
        """
        ends = monotonic() + self._limits.scan_deadline
        accesses, unread = list_accounts(self._roles, self._limits)
        with _cancelling_pool(self._executor) as submit:
            opening = {submit(list_targets, access, self._regions, self._limits): access for access in accesses}
            reading: dict[Future[Any], Target] = {}
            for opened in _completed_before(opening, ends):
                del opening[opened]
                account = opened.result()
                unread += account.unread
                for target in account.targets:
                    reading[submit(read_target, account.access, target, self._limits)] = target
            answers = dict(_results_with_progress(reading, ends, progress))
        late = {access.whole_account for access in opening.values()} | set(reading.values()) - set(answers)
        return _inventory(answers, (*unread, *map(self._timed_out, late)), now)

    def _timed_out(self, target: Target) -> Unread:
        return Unread(
            target, UnreadReason.TIMED_OUT, f"not read when the scan ended after {self._limits.scan_deadline:g} s"
        )


def _completed_before(futures: Iterable[Future[Any]], deadline: float) -> Iterator[Future[Any]]:
    """Yield futures as they finish, those that do before the scan's time is up."""
    try:
        yield from as_completed(futures, timeout=max(0.0, deadline - monotonic()))
    except TimeoutError:
        return


def _results_with_progress(
    reading: Mapping[Future[Any], Target], deadline: float, progress: Progress
) -> Iterator[tuple[Target, TargetResult]]:
    progress(0, len(reading))
    for done, future in enumerate(_completed_before(reading, deadline), 1):
        yield reading[future], future.result()
        progress(done, len(reading))


def _inventory(results: Mapping[Target, TargetResult], unread: Iterable[Unread], scanned_at: datetime) -> Inventory:
    """Put the answers in the order of their targets, whatever order they came in."""
    ordered = sorted(results.items(), key=itemgetter(0))
    read = {target: answer for target, answer in ordered if not isinstance(answer, Unread)}
    failed = [answer for answer in results.values() if isinstance(answer, Unread)]
    return Inventory(
        instances=tuple(chain.from_iterable(read.values())),
        read=tuple(read),
        unread=tuple(sorted((*unread, *failed), key=attrgetter("target"))),
        scanned_at=scanned_at,
    )


@contextmanager
def _cancelling_pool(executor: Executor | None) -> Iterator[Submit]:
    """Give a `submit` whose tasks are cancelled when the scan ends early, and end the pool if it is the scan's own."""
    pool = executor or ThreadPoolExecutor(SCAN_THREADS, thread_name_prefix="scan")
    futures: list[Future[Any]] = []

    def submit(task: Callable[..., Any], *arguments: Any) -> Future[Any]:
        futures.append(pool.submit(task, *arguments))
        return futures[-1]

    try:
        yield submit
    finally:
        for future in futures:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=False)
