"""Makes answers in worker threads, after the acknowledgement."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from bailiff_bot.errors import BailiffError
from bailiff_bot.messages.answers import crashed, failed, restarting
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Background:
    """Makes answers in the threads of `workers`. They are few, so no answer waits for a scan or for the outbox."""

    workers: Executor
    responder: Responder

    def run(self, request: SlackRequest, answer: Callable[[], None]) -> None:
        """Make an answer in a worker thread. If it fails, the user gets an error message."""
        try:
            self.workers.submit(self._run, request, answer)
        except RuntimeError:  # the workers are stopped
            self.responder.report_error(request, restarting())

    def run_after(self, waited_for: Future[Any], request: SlackRequest, answer: Callable[[], None]) -> None:
        """Make an answer that waited for something. If that failed, the user gets its error message."""

        def result_and_answer() -> None:
            waited_for.result()
            answer()

        self.run(request, result_and_answer)

    def follow_up(self, request: SlackRequest, answer: Callable[[], None]) -> None:
        """Make a second answer. There is none while the bot stops: the first one says what happens next."""
        with suppress(RuntimeError):  # the workers are stopped
            self.workers.submit(self._run, request, answer)

    def _run(self, request: SlackRequest, answer: Callable[[], None]) -> None:
        try:
            answer()
        except BailiffError as error:
            log.error("request.failed", user=request.user_id, reason=str(error))
            self.responder.report_error(request, failed(str(error)))
        except Exception:
            log.exception("request.crashed", user=request.user_id)
            self.responder.report_error(request, crashed())
