"""Executors without threads: one runs its work at once, the other when a test says so."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ImmediateExecutor(Executor):
    """Runs the work before `submit` returns."""

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future holds any exception
            future.set_exception(error)
        return future


class DeferredExecutor(Executor):
    """Keeps the work until `run_pending` is called."""

    def __init__(self) -> None:
        self.pending: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        self.pending.append((future, lambda: work(*args, **kwargs)))
        return future

    def run_pending(self) -> None:
        pending, self.pending = self.pending, []
        for future, work in pending:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - a future holds any exception
                future.set_exception(error)
