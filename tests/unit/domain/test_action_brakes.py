"""The brakes: no limit is ever exceeded, whatever the order, and nobody lifts the limit that they reached."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.action import AWS_ACTIONS, Action, Brake
from bailiff_bot.domain.action_brakes import BRAKE_WINDOW, BrakeLimits, Brakes, BrakeSwitch, BrakeUse, Slot
from bailiff_bot.domain.brake_switching import SwitchVerdict, switch_verdict
from tests.builders import NOW

ADA, BEN, EVE = "U1", "U2", "U3"
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LIMITS = BrakeLimits(per_person=3, deletions_per_person=1, total=5)
USERS = st.sampled_from([ADA, BEN, EVE])
ACTIONS = st.sampled_from(sorted(AWS_ACTIONS))
ANY_LIMITS = st.builds(BrakeLimits, *[st.integers(0, 6)] * 3)
TIMES = st.timedeltas(timedelta(), timedelta(hours=60)).map(lambda ago: NOW - ago)
SLOTS = st.lists(st.builds(Slot, USERS, ACTIONS, TIMES), max_size=12).map(tuple)
SWITCHES = st.none() | st.builds(BrakeSwitch, st.booleans(), USERS, st.just("Ada"), TIMES)
BRAKES = st.builds(Brakes, ANY_LIMITS, SLOTS, SWITCHES)


def slot(user_id: str = ADA, action: Action = Action.STOP, at: datetime = NOW - HOUR) -> Slot:
    return Slot(user_id, action, at)


def switched(*, is_on: bool, by: str = EVE, at: datetime = NOW) -> BrakeSwitch:
    return BrakeSwitch(is_on, by, "Eve", at)


def wanted(brakes: Brakes, *, is_on: bool, by: str = EVE, is_admin: bool = True) -> SwitchVerdict:
    return switch_verdict(brakes, switched(is_on=is_on, by=by), is_admin=is_admin)


@given(ANY_LIMITS, st.lists(st.tuples(USERS, ACTIONS, st.timedeltas(timedelta(), timedelta(hours=5))), max_size=60))
def test_no_limit_is_exceeded_in_any_24_hours(
    limits: BrakeLimits, attempts: list[tuple[str, Action, timedelta]]
) -> None:
    brakes, now = Brakes(limits), NOW
    for user_id, action, later in attempts:
        now += later
        if brakes.reached(user_id, action, now) is Brake.NONE:
            brakes = replace(brakes, slots=(*brakes.slots, Slot(user_id, action, now)))
    for end in brakes.slots:
        window = [one for one in brakes.slots if end.at - BRAKE_WINDOW < one.at <= end.at]
        own = [one for one in window if one.user_id == end.user_id]
        assert len(window) <= limits.total
        assert len(own) <= limits.per_person
        assert sum(one.action is Action.DELETE for one in own) <= limits.deletions_per_person


@given(BRAKES, st.data(), USERS, ACTIONS)
def test_the_order_in_which_slots_are_read_does_not_matter(
    brakes: Brakes, data: st.DataObject, user_id: str, action: Action
) -> None:
    other = replace(brakes, slots=tuple(data.draw(st.permutations(brakes.slots))))
    assert other.reached(user_id, action, NOW) is brakes.reached(user_id, action, NOW)
    assert other.ran_into_it(user_id, NOW) is brakes.ran_into_it(user_id, NOW)
    assert other.use(user_id, NOW) == brakes.use(user_id, NOW)


@given(BRAKES, USERS, ACTIONS, st.builds(Slot, USERS, ACTIONS, TIMES))
def test_one_more_slot_never_frees_anybody(brakes: Brakes, user_id: str, action: Action, more: Slot) -> None:
    later = replace(brakes, slots=(*brakes.slots, more))
    assert brakes.reached(user_id, action, NOW) is Brake.NONE or later.reached(user_id, action, NOW) is not Brake.NONE


@given(BRAKES, USERS)
def test_a_deletion_is_never_easier_than_a_stop(brakes: Brakes, user_id: str) -> None:
    if brakes.reached(user_id, Action.DELETE, NOW) is Brake.NONE:
        assert brakes.reached(user_id, Action.STOP, NOW) is Brake.NONE


@given(BRAKES, USERS, ACTIONS)
def test_nothing_is_done_while_it_is_on(brakes: Brakes, user_id: str, action: Action) -> None:
    assert replace(brakes, switch=switched(is_on=True)).reached(user_id, action, NOW) is Brake.ALL


@given(BRAKES, USERS)
def test_off_lifts_the_limits_of_all_but_who_switches_it_off(brakes: Brakes, user_id: str) -> None:
    lifted = replace(brakes, switch=switched(is_on=False, by=user_id))
    assert {one.user_id for one in lifted.counting(NOW)} <= {user_id}
    others = {ADA, BEN, EVE} - {user_id}
    assert all(lifted.use(other, NOW).own == 0 for other in others)


@given(
    st.lists(st.tuples(st.sampled_from(["stop", "delete", "on", "off"]), st.timedeltas(SECOND, HOUR)), max_size=60),
)
def test_one_administrator_alone_never_exceeds_their_own_limit_by_switching(steps: list[tuple[str, timedelta]]) -> None:
    brakes, now = Brakes(LIMITS), NOW
    for step, later in steps:
        now += later
        if step in {"on", "off"}:
            switch = switched(is_on=step == "on", by=ADA, at=now)
            if switch_verdict(brakes, switch, is_admin=True) is SwitchVerdict.SWITCH:
                brakes = replace(brakes, switch=switch)
        elif brakes.reached(ADA, Action(step), now) is Brake.NONE:
            brakes = replace(brakes, slots=(*brakes.slots, Slot(ADA, Action(step), now)))
        recent = [one for one in brakes.slots if one.at > now - BRAKE_WINDOW]
        assert len(recent) <= LIMITS.per_person
        assert sum(one.action is Action.DELETE for one in recent) <= LIMITS.deletions_per_person


@given(BRAKES, USERS, st.booleans())
def test_who_ran_into_it_puts_it_on_but_never_takes_it_off(brakes: Brakes, user_id: str, is_on: bool) -> None:  # noqa: FBT001 - drawn
    verdict = wanted(brakes, is_on=is_on, by=user_id)
    if is_on or not brakes.ran_into_it(user_id, NOW):
        assert verdict in {SwitchVerdict.SWITCH, SwitchVerdict.UNCHANGED}
    else:
        assert verdict is SwitchVerdict.RAN_INTO_IT


@given(BRAKES, USERS, st.booleans())
def test_nobody_else_than_an_administrator_switches_it(brakes: Brakes, user_id: str, is_on: bool) -> None:  # noqa: FBT001 - drawn
    assert wanted(brakes, is_on=is_on, by=user_id, is_admin=False) is SwitchVerdict.NOT_ADMIN


@given(BRAKES, USERS, st.booleans())
def test_the_same_switch_a_second_time_changes_nothing(brakes: Brakes, user_id: str, is_on: bool) -> None:  # noqa: FBT001 - drawn
    if wanted(brakes, is_on=is_on, by=user_id) is SwitchVerdict.SWITCH:
        after = replace(brakes, switch=switched(is_on=is_on, by=user_id))
        assert wanted(after, is_on=is_on, by=user_id) is not SwitchVerdict.SWITCH


def test_a_slot_counts_for_24_hours_and_no_longer() -> None:
    brakes = Brakes(LIMITS, (slot(at=NOW),))
    assert brakes.use(ADA, NOW + BRAKE_WINDOW - SECOND) == BrakeUse(1, 1, 0, NOW + BRAKE_WINDOW)
    assert brakes.use(ADA, NOW + BRAKE_WINDOW) == BrakeUse(0, 0, 0)


def test_the_use_counts_all_people_and_the_own_actions_and_says_when_the_oldest_ends() -> None:
    own = (slot(at=NOW - 3 * HOUR), slot(action=Action.DELETE, at=NOW - 2 * HOUR))
    brakes = Brakes(LIMITS, (*own, slot(BEN, Action.RENAME, NOW - 5 * HOUR), slot(BEN, at=NOW - 30 * HOUR)))
    assert brakes.use(ADA, NOW) == BrakeUse(3, 2, 1, NOW + 19 * HOUR)


def test_each_limit_brakes() -> None:
    deleted = Brakes(LIMITS, (slot(action=Action.DELETE),))
    assert deleted.reached(ADA, Action.DELETE, NOW) is Brake.PERSON
    assert deleted.reached(ADA, Action.STOP, NOW) is Brake.NONE
    assert deleted.reached(BEN, Action.DELETE, NOW) is Brake.NONE
    assert Brakes(LIMITS, (slot(),) * 3).reached(ADA, Action.RENAME, NOW) is Brake.PERSON
    everybody = Brakes(LIMITS, (slot(ADA), slot(BEN), slot("U4"), slot("U5"), slot("U6")))
    assert everybody.reached("U7", Action.STOP, NOW) is Brake.ALL


def test_a_scan_that_is_not_plausible_brakes_also_after_it_was_switched_off() -> None:
    brakes = Brakes(LIMITS, switch=switched(is_on=False), is_implausible=True)
    assert brakes.reached(ADA, Action.STOP, NOW) is Brake.IMPLAUSIBLE


@pytest.mark.parametrize(
    ("slots", "user_id", "ran_into_it"),
    [
        ((), ADA, False),
        ((slot(),) * 2, ADA, False),
        ((slot(),) * 3, ADA, True),
        ((slot(action=Action.DELETE),), ADA, True),
        ((slot(), slot("U4"), slot("U5"), slot("U6"), slot("U7")), ADA, True),  # helped to reach that of all
        ((slot(BEN), slot("U4"), slot("U5"), slot("U6"), slot("U7")), ADA, False),
    ],
)
def test_who_reached_a_limit_or_helped_to_ran_into_it(
    slots: tuple[Slot, ...], user_id: str, *, ran_into_it: bool
) -> None:
    assert Brakes(LIMITS, slots).ran_into_it(user_id, NOW) is ran_into_it


def test_off_while_it_is_off_lifts_what_others_did_and_else_says_that_it_is_off() -> None:
    assert wanted(Brakes(LIMITS), is_on=False) is SwitchVerdict.UNCHANGED
    assert wanted(Brakes(LIMITS, (slot(EVE),)), is_on=False) is SwitchVerdict.UNCHANGED
    assert wanted(Brakes(LIMITS, (slot(BEN),)), is_on=False) is SwitchVerdict.SWITCH
