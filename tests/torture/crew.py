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
from typing import NoReturn, TypeVar

from tests.torture.world import Theatre
from tests.torture.zygote import PDEATHSIG

Case = TypeVar("Case")
Result = TypeVar("Result")
_PROCESSES = 2
WORLDS = 3
"""At a time in a theatre."""


def crew(work: Callable[[Theatre, Case], Result], cases: Sequence[Case], worlds: int = WORLDS) -> list[Result]:
    """Do the work for each case; it is a function of a module, and says what went wrong in its result."""
    shares = [share for part in range(_PROCESSES) if (share := cases[part::_PROCESSES])]
    if not shares:
        return []
    with multiprocessing.get_context("spawn").Pool(len(shares), _begin) as pool:
        found = list(chain(*pool.map(partial(_share, work, worlds), shares, chunksize=1)))
        pool.close()
        pool.join()
    return found


def _begin() -> None:
    """End in order, also when who hands out the shares is killed."""
    end_in_order()
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)


def end_in_order() -> None:
    """Have a SIGTERM end this process as Ctrl-C does: with all that it has started."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _share(work: Callable[[Theatre, Case], Result], worlds: int, cases: Sequence[Case]) -> list[Result]:
    with Theatre() as theatre, ThreadPoolExecutor(worlds) as pool:
        return list(pool.map(partial(work, theatre), cases))
