"""Many runs, on two processors: a theatre in each of two processes, and some worlds at a time in each theatre.

A run waits most of its time, for a lease to run out; so there are more worlds than processors.
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

from tests.torture.fork_server import PDEATHSIG
from tests.torture.scenario import Harness

Case = TypeVar("Case")
Result = TypeVar("Result")
_PROCESSES = 2
_NOW_AND_THEN = 100
"""Runs."""
SCENARIOS_AT_A_TIME = 3
"""At a time in a theatre."""


def run_in_worker_pool(
    work: Callable[[Harness, Case], Result], cases: Sequence[Case], scenarios: int = SCENARIOS_AT_A_TIME
) -> list[Result]:
    """Do the work for each case: a function of a module, whose result is what went wrong, or has that as `wrong`."""
    shares = [share for part in range(_PROCESSES) if (share := cases[part::_PROCESSES])]
    if not shares:
        return []
    with multiprocessing.get_context("spawn").Pool(len(shares), _begin) as pool:
        found = list(chain(*pool.map(partial(_share, work, scenarios), shares, chunksize=1)))
        pool.close()
        pool.join()
    return found


def _begin() -> None:
    """End in order, also when who hands out the shares is killed."""
    exit_on_sigterm()
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)


def exit_on_sigterm() -> None:
    """Have a SIGTERM end this process as Ctrl-C does: with all that it has started."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _share(work: Callable[[Harness, Case], Result], scenarios: int, cases: Sequence[Case]) -> list[Result]:
    found: list[Result] = []
    with Harness() as harness, ThreadPoolExecutor(scenarios) as pool:
        for result in pool.map(partial(work, harness), cases):
            found.append(result)
            _tell(result, len(found), len(cases))
    return found


def _tell(result: Any, done: int, total: int) -> None:
    """Say what went wrong as soon as it did, and now and then how far it is: half an hour's work may be interrupted."""
    for line in result if isinstance(result, list) else result.wrong:
        sys.stderr.write(f"  {line[:500]}\n")
    if done % _NOW_AND_THEN == 0:
        sys.stderr.write(f"  {done} of {total}, in each of {_PROCESSES} processes\n")
    sys.stderr.flush()
