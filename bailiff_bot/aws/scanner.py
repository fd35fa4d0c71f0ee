"""The scan: reads every target of every account in parallel and returns one inventory."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime
from itertools import chain
from operator import attrgetter, itemgetter
from time import monotonic
from typing import Any

from bailiff_bot.aws.access import Limits, role_access
from bailiff_bot.aws.accounts import list_accounts, list_targets
from bailiff_bot.aws.pools import cancelling_pool, completed_before
from bailiff_bot.aws.sessions import SESSIONS
from bailiff_bot.aws.target_reader import DEFAULT_LIMITS, read_target
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.inventory import Inventory, UnreadReason, unread_gap

TargetResult = tuple[Instance, ...] | Gap
Progress = Callable[[int, int], None]
"""Called with the number of targets done and of all targets; the first call has 0 done."""


class AwsScanner:
    """Reads every EC2 instance in the bot's own account and in the accounts of the roles.

    Arguments: the ARNs of the roles to assume, one for each further account; the external id that they demand; the
    regions to read (none: all that an account has enabled); the executor that runs the reads and is not shut down
    (None: a new thread pool for each scan); how long AWS may take. Raises SettingsError for a malformed ARN.
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
        """Return the inventory. `now` is the time at which the scan begins, in UTC.

        Raises nothing for a failure of AWS, the network or the credentials.
        """
        deadline = monotonic() + self._limits.scan_deadline
        accesses, gaps = list_accounts(self._roles, self._limits)
        with cancelling_pool(self._executor) as submit:
            listing = {submit(list_targets, access, self._regions, self._limits): access for access in accesses}
            reading: dict[Future[Any], Target] = {}
            for listed in completed_before(listing, deadline):
                del listing[listed]
                account = listed.result()
                gaps += account.gaps
                for target in account.targets:
                    reading[submit(read_target, account.access, target, self._limits)] = target
            results = dict(_results_with_progress(reading, deadline, progress))
        SESSIONS.close_connections()
        unfinished = {access.whole_account for access in listing.values()} | set(reading.values()) - set(results)
        return _inventory(results, (*gaps, *map(self._timed_out, unfinished)), now)

    def _timed_out(self, target: Target) -> Gap:
        return unread_gap(
            target, UnreadReason.TIMED_OUT, f"not read when the scan ended after {self._limits.scan_deadline:g} s"
        )


def _results_with_progress(
    reading: Mapping[Future[Any], Target], deadline: float, progress: Progress
) -> Iterator[tuple[Target, TargetResult]]:
    progress(0, len(reading))
    for done, future in enumerate(completed_before(reading, deadline), 1):
        yield reading[future], future.result()
        progress(done, len(reading))


def _inventory(results: Mapping[Target, TargetResult], gaps: Iterable[Gap], scanned_at: datetime) -> Inventory:
    """Return the inventory, sorted by target, in whatever order the results arrived."""
    ordered = sorted(results.items(), key=itemgetter(0))
    read = {target: result for target, result in ordered if not isinstance(result, Gap)}
    failed = [result for result in results.values() if isinstance(result, Gap)]
    return Inventory(
        instances=tuple(chain.from_iterable(read.values())),
        read=tuple(read),
        gaps=tuple(sorted((*gaps, *failed), key=attrgetter("where"))),
        scanned_at=scanned_at,
    )
