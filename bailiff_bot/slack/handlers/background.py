"""Makes answers in worker threads, after the acknowledgement."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import structlog

from bailiff_bot.errors import BailiffError
from bailiff_bot.messages.answers import crashed, failed, restarting
from bailiff_bot.messages.document import Document
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder

Tell = Callable[[Document], None]
"""Tells the user why there is no answer. Raises nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Background:
    """Makes answers in the threads of `workers`. They are few, so no answer waits for a scan or for the outbox."""

    workers: Executor
    responder: Responder
    stopping: Event
    """Set when the bot begins to stop. An answer that has not begun then is replaced by a sentence: the bot has only
    seconds left, and what it drops without a word would be a click that was ignored."""

    def run(self, request: SlackRequest, answer: Callable[[], None], tell: Tell | None = None) -> None:
        """Make an answer in a worker thread. If it fails, the user gets an error message: `tell` says it, if given."""
        told = tell or partial(self.responder.report_error, request)
        self._submit(partial(_answer, request, answer, told), partial(told, restarting()))

    def run_after(self, waited_for: Future[Any], request: SlackRequest, answer: Callable[[], None]) -> None:
        """Make an answer that waited for something. If that failed, the user gets its error message."""

        def result_and_answer() -> None:
            waited_for.result()
            answer()

        self.run(request, result_and_answer)

    def follow_up(self, request: SlackRequest, answer: Callable[[], None]) -> None:
        """Make a second answer. There is none while the bot stops: the first one says what happens next."""
        told = partial(self.responder.report_error, request)
        self._submit(partial(_answer, request, answer, told), _say_nothing)

    def _submit(self, work: Callable[[], None], if_stopping: Callable[[], None]) -> None:
        try:
            self.workers.submit(self._unless_stopping, work, if_stopping)
        except RuntimeError:  # the workers are stopped
            if_stopping()

    def _unless_stopping(self, work: Callable[[], None], if_stopping: Callable[[], None]) -> None:
        (if_stopping if self.stopping.is_set() else work)()


def _say_nothing() -> None:
    """Say nothing."""


def _answer(request: SlackRequest, answer: Callable[[], None], tell: Tell) -> None:
    try:
        answer()
    except BailiffError as error:
        log.error("request.failed", user=request.user_id, reason=str(error))
        tell(failed(str(error)))
    except Exception:
        log.exception("request.crashed", user=request.user_id)
        tell(crashed())
