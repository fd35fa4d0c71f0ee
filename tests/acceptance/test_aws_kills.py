"""A small part of the kills of actions in AWS of `make torture`, in a module of its own: a process holds one AWS."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.torture.aws_actions import CANCEL, DUE, RENAME, REQUEST, STOP, UNDO_STOP, AwsCall, AwsKill
from tests.torture.aws_kills import run_cases
from tests.torture.kills import DatabaseWrite
from tests.torture.scenario import Harness

CASES = (
    (AwsKill(DUE, AwsCall("TerminateInstances"), "after"), 2),  # terminated, and nobody knows it
    (AwsKill(DUE, AwsCall("TerminateInstances"), "before"), 0),  # saved that it is about to be, and AWS was not asked
    (AwsKill(STOP, AwsCall("StopInstances"), "before"), 1),
    (AwsKill(STOP, AwsCall("StopInstances"), "after"), 0),
    (AwsKill(UNDO_STOP, AwsCall("StartInstances"), "before"), 0),
    (AwsKill(RENAME, AwsCall("CreateTags"), "after"), 3),
    (AwsKill(RENAME, AwsCall("CreateTags"), "before"), 0),
    (AwsKill(REQUEST, AwsCall("CreateImage"), "after"), 2),  # the image is being made, and its id is not known
    (AwsKill(CANCEL, DatabaseWrite("deletion.append"), "before"), 0),  # cancelled, and not logged
)


def test_a_bot_that_is_killed_at_a_call_to_aws_does_it_once_and_logs_and_tells_it_once() -> None:
    parts = CASES[::2], CASES[1::2]
    with Harness(()) as harness, ThreadPoolExecutor(len(parts)) as pool:
        assert list(pool.map(partial(run_cases, harness), parts)) == [[], []]
