"""Runs calls of AWS beside each other, until a deadline."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from time import monotonic
from typing import Any

THREADS = 32
"""Threads of the default pool. They mostly wait for AWS, and AWS throttles each region separately."""

Submit = Callable[..., Future[Any]]


def completed_before(futures: Iterable[Future[Any]], deadline: float) -> Iterator[Future[Any]]:
    """Yield each future that completes before the deadline, as soon as it completes."""
    try:
        yield from as_completed(futures, timeout=max(0.0, deadline - monotonic()))
    except TimeoutError:
        return


@contextmanager
def cancelling_pool(executor: Executor | None) -> Iterator[Submit]:
    """Yield a `submit` function. At the end of the block, cancel its unstarted tasks.

    Without `executor`, a thread pool is created for the block.
    """
    pool = executor or ThreadPoolExecutor(THREADS, thread_name_prefix="scan")
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
