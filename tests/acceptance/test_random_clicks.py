"""A small part of the random clicks of `make torture`, in a module of its own: a process holds one AWS at a time."""

from tests.torture import click_plan, random_clicks
from tests.torture.scenario import Harness

SEED, CLICKS = 22, 45
"""A replica is killed at the 17th click, and Slack asks to wait at the 38th."""


def test_random_clicks_are_all_answered_and_none_is_done_or_told_twice() -> None:
    with Harness(click_plan.fleet()) as harness:
        outcome = random_clicks.click_at_random(harness, SEED, CLICKS)
    assert outcome.failures == []
    assert (outcome.counts["clicks"], outcome.counts["times kill"]) == (CLICKS, 1)
