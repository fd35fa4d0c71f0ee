"""Answers in worker threads: what a request gets if what it waited for failed, and while the bot stops."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Event
from typing import Any, cast

import pytest

from bailiff_bot.errors import StoreError
from bailiff_bot.messages.document import Document
from bailiff_bot.slack.handlers.background import Background
from bailiff_bot.slack.handlers.request import SlackRequest
from bailiff_bot.slack.handlers.responder import Responder
from tests.fakes.executors import ImmediateExecutor

REQUEST = SlackRequest("U1")


class ErrorRecorder:
    """Records the errors that a user gets."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def report_error(self, _request: SlackRequest, error: Document) -> None:
        self.errors.append(error.summary)


class StoppedExecutor(ImmediateExecutor):
    """Takes no work, like an executor that was shut down."""

    def submit(self, *_args: object, **_kwargs: object) -> Any:
        raise RuntimeError("cannot schedule new futures after shutdown")


@pytest.fixture
def recorder() -> ErrorRecorder:
    return ErrorRecorder()


def background(recorder: ErrorRecorder, workers: Executor | None = None, stopping: Event | None = None) -> Background:
    return Background(workers or ImmediateExecutor(), cast("Responder", recorder), stopping or Event())


def ended(error: Exception | None) -> Future[None]:
    future: Future[None] = Future()
    if error:
        future.set_exception(error)
    else:
        future.set_result(None)
    return future


def test_an_answer_follows_what_it_waited_for(recorder: ErrorRecorder) -> None:
    answers: list[str] = []
    background(recorder).run_after(ended(None), REQUEST, lambda: answers.append("sent"))
    assert (answers, recorder.errors) == (["sent"], [])


def test_the_user_gets_the_error_of_what_the_answer_waited_for_and_no_answer(recorder: ErrorRecorder) -> None:
    answers: list[str] = []
    failed = ended(StoreError("The disk of the database is full: free some space."))
    background(recorder).run_after(failed, REQUEST, lambda: answers.append("sent"))
    assert answers == []
    assert [error for error in recorder.errors if "free some space" in error] == recorder.errors != []


def test_a_request_while_the_bot_stops_is_told_to_try_again_and_a_follow_up_is_not(recorder: ErrorRecorder) -> None:
    stopped = background(recorder, StoppedExecutor())
    stopped.follow_up(REQUEST, lambda: None)
    assert recorder.errors == []
    stopped.run(REQUEST, lambda: None)
    assert len(recorder.errors) == 1


def test_requests_that_wait_while_the_bot_begins_to_stop_are_each_told_to_try_again(recorder: ErrorRecorder) -> None:
    stopping, begun, answers = Event(), Event(), list[str]()
    workers = ThreadPoolExecutor(1)
    busy = background(recorder, workers, stopping)

    def answer_slowly() -> None:
        begun.set()
        stopping.wait()
        answers.append("sent")

    busy.run(REQUEST, answer_slowly)
    assert begun.wait(10)
    in_modal: list[str] = []
    busy.run(REQUEST, lambda: answers.append("too late"))
    busy.run(REQUEST, lambda: answers.append("too late"), lambda error: in_modal.append(error.summary))
    busy.follow_up(REQUEST, lambda: answers.append("too late"))
    stopping.set()
    workers.shutdown()
    assert answers == ["sent"]
    assert recorder.errors == in_modal == ["Bailiff is restarting: try again in a minute."]
