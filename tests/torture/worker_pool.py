"""Run many cases on two processors: two processes with a harness each, and several scenarios at a time in each.

A run spends most of its time waiting for a lease to expire, so there are more scenarios than processors.
"""

import ctypes
import multiprocessing
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Any, NoReturn, TypeVar

from bailiff_bot.sandbox.aws.instance_fixture import InstanceFixture
from tests.torture import fixtures
from tests.torture.fork_server import PDEATHSIG
from tests.torture.scenario import Harness

Case = TypeVar("Case")
Result = TypeVar("Result")
_PROCESSES = 2
_PROGRESS_EVERY = 100
"""Runs between two lines about the progress."""
SCENARIOS_AT_A_TIME = 3
"""How many scenarios run at a time in a harness."""


def run_in_worker_pool(
    work: Callable[[Harness, Case], Result],
    cases: Sequence[Case],
    scenarios: int = SCENARIOS_AT_A_TIME,
    fleet: tuple[InstanceFixture, ...] = fixtures.FLEET,
) -> list[Result]:
    """Run `work` for each case, with AWS accounts that have the instances `fleet`. Returns the results, in any order.

    `work` must be a function of a module. Its result is a list of failures, or has one as `wrong`.
    """
    shares = [share for part in range(_PROCESSES) if (share := cases[part::_PROCESSES])]
    if not shares:
        return []
    with multiprocessing.get_context("spawn").Pool(len(shares), _start_worker) as pool:
        results = list(chain(*pool.map(partial(_run_share, work, scenarios, fleet), shares, chunksize=1)))
        pool.close()
        pool.join()
    return results


def _start_worker() -> None:
    """Make this worker end and clean up on SIGTERM. The kernel sends it when the parent process dies."""
    exit_on_sigterm()
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)


def exit_on_sigterm() -> None:
    """Let SIGTERM end this process as Ctrl-C does: everything that it has started ends too."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _run_share(
    work: Callable[[Harness, Case], Result],
    scenarios: int,
    fleet: tuple[InstanceFixture, ...],
    cases: Sequence[Case],
) -> list[Result]:
    results: list[Result] = []
    with Harness(fleet) as harness, ThreadPoolExecutor(scenarios) as pool:
        for result in pool.map(partial(work, harness), cases):
            results.append(result)
            _print_progress(result, len(results), len(cases))
    return results


def _print_progress(result: Any, done: int, total: int) -> None:
    """Print failures at once, and the progress now and then: a run of half an hour may be interrupted."""
    for line in result if isinstance(result, list) else result.wrong:
        sys.stderr.write(f"  {line[:500]}\n")
    if done % _PROGRESS_EVERY == 0:
        sys.stderr.write(f"  {done} of {total}, in each of {_PROCESSES} processes\n")
    sys.stderr.flush()
