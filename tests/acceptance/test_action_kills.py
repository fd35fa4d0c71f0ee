"""A small part of the kills of actions of `make torture`, in a module of its own: a process holds one AWS at a time."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.torture import owner_pair
from tests.torture.action_kills import ActionKill, run_cases
from tests.torture.clicked_actions import ASSIGN, END_IN_NOTICE, KEEP_ALL, NOT_MINE, UNDO
from tests.torture.kills import DatabaseWrite
from tests.torture.scenario import Harness

CASES = (
    (ActionKill(UNDO, DatabaseWrite("action.append"), "before"), 0),  # done, and not logged
    (ActionKill(KEEP_ALL, DatabaseWrite("results.keep", times=2), "before"), 3),  # one is committed, the other is not
    (ActionKill(NOT_MINE, DatabaseWrite("results.mark_shown"), "before"), 0),  # committed, and not said
    (ActionKill(END_IN_NOTICE, DatabaseWrite("deliveries.settle"), "before"), 1),  # said in Slack, and not settled
    (ActionKill(ASSIGN, DatabaseWrite("notices.tell"), "before"), 0),  # said, and the other owner is not told
    (ActionKill(UNDO, DatabaseWrite("transport.send", "/notice "), "after"), 1),  # told in Slack, and not settled
)


def test_a_bot_that_is_killed_at_any_write_of_an_action_does_it_once_and_logs_and_tells_it_once() -> None:
    parts = CASES[:3], CASES[3:]
    with Harness(owner_pair.fleet()[: 2 * len(parts[0])]) as harness, ThreadPoolExecutor(len(parts)) as pool:
        assert list(pool.map(partial(run_cases, harness), parts)) == [[], []]
