"""Many runs, on two processors: a theatre in each of two processes, and some worlds at a time in each theatre.

A run waits most of its time, for a lease to run out; so there are more worlds than processors.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import TypeVar

from tests.torture.world import Theatre

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
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(shares), mp_context=spawn) as pool:
        return list(chain(*pool.map(partial(_share, work, worlds), shares)))


def _share(work: Callable[[Theatre, Case], Result], worlds: int, cases: Sequence[Case]) -> list[Result]:
    with Theatre() as theatre, ThreadPoolExecutor(worlds) as pool:
        return list(pool.map(partial(work, theatre), cases))
