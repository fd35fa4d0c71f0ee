"""A message offers only what a click may still do, as far as a scan can tell."""

from dataclasses import replace

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.offered_actions import lacks_role, possible_actions
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Row, judge
from bailiff_bot.domain.snapshot import Snapshot
from tests.builders import ASG, DIRECTORY, NOW, instance, inventory

ALL = frozenset({Action.KEEP, Action.NOT_MINE, Action.RENAME, Action.STOP, Action.DELETE})
ACCOUNT = instance(1).target.account
EVERYWHERE = dict.fromkeys((Action.RENAME, Action.STOP, Action.DELETE), frozenset({ACCOUNT}))
IDLE = instance(1, "agr-web", age=40)
ABANDONED = replace(instance(2, "agr-old", age=90, state=InstanceState.STOPPED), transitioned_at=None)


def row(one: Instance) -> Row:
    return next(judge(Snapshot(inventory([one]), DIRECTORY), Policy(), NOW).rows)


def of(one: Instance, accounts: dict[Action, frozenset[str]] = EVERYWHERE) -> frozenset[Action]:
    return possible_actions(row(one), ALL, accounts) - {Action.KEEP, Action.NOT_MINE}


def test_what_runs_can_be_stopped() -> None:
    assert of(IDLE) == {Action.STOP}


def test_a_bad_name_can_be_changed() -> None:
    assert of(instance(3, "web", age=40)) == {Action.STOP, Action.RENAME}


def test_a_controllers_machine_is_not_changed() -> None:
    assert of(instance(4, "web", age=40, tags={ASG: "web"})) == frozenset()


@pytest.mark.parametrize("missing", [Action.STOP, Action.RENAME])
def test_an_account_without_the_role_offers_nothing_that_needs_it(missing: Action) -> None:
    assert missing not in of(instance(3, "web", age=40), {**EVERYWHERE, missing: frozenset()})
    assert lacks_role(row(instance(3, "web", age=40)), missing, ALL, {})


def test_what_is_not_offered_at_all_lacks_no_role() -> None:
    assert not lacks_role(row(IDLE), Action.STOP, frozenset({Action.KEEP}), {})
