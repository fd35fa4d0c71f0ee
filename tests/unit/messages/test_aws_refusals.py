"""Why an action in AWS is not done: each sentence names the reason as it was read, and what to do instead."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.action import (
    AWS_ACTIONS,
    Action,
    Brake,
    CurrentInstance,
    Lifecycle,
    Membership,
    Person,
    Refusal,
    Request,
    UnreadInstance,
)
from bailiff_bot.domain.instance import InstanceState
from bailiff_bot.messages.aws_refusals import RefusalFacts
from bailiff_bot.messages.refusals import refusal_sentence
from tests.builders import NOW

OWNER = Person(Membership.FULL, owns=True, identifiers=frozenset({"AGR", "ABE"}))
RUNNING = CurrentInstance("i-0abc", "agr-web", InstanceState.RUNNING)
STOPPED = replace(RUNNING, state=InstanceState.STOPPED)
INSTANCES = st.builds(
    CurrentInstance,
    id=st.just("i-0abc"),
    name=st.text(),
    state=st.sampled_from(InstanceState),
    lifecycle=st.sampled_from(Lifecycle),
    has_instance_store_root=st.booleans(),
    is_stop_protected=st.booleans(),
    is_termination_protected=st.booleans(),
)
PEOPLE = st.builds(
    Person,
    st.just(Membership.FULL),
    owner_for=st.timedeltas(timedelta(), timedelta(days=40)),
    is_admin=st.booleans(),
    identifiers=st.frozensets(st.sampled_from(["AGR", "ABE", "MLG"])),
)
FACTS = st.builds(
    RefusalFacts,
    st.none()
    | st.builds(
        Request,
        st.just(Action.STOP),
        PEOPLE,
        INSTANCES | st.sampled_from(UnreadInstance),
        st.just(NOW),
        brake=st.sampled_from(Brake),
    ),
    st.timedeltas(timedelta(hours=1), timedelta(hours=720)),
    st.sampled_from(["", "111122223333"]),
)


def said(
    action: Action, reason: Refusal, instance: CurrentInstance = RUNNING, person: Person = OWNER, **fields: Any
) -> str:
    """Return what is said of an action; `brake` is a field of the request, all others are of the facts."""
    request = Request(action, person, instance, NOW, brake=fields.pop("brake", Brake.NONE))
    return refusal_sentence(action, reason, "AGR", RefusalFacts(request, **fields))


@given(st.sampled_from(Action), st.sampled_from(Refusal), FACTS)
def test_each_reason_of_each_action_is_one_sentence(action: Action, reason: Refusal, facts: RefusalFacts) -> None:
    text = refusal_sentence(action, reason, "AGR", facts)
    assert text[0].isupper()
    assert text.endswith(".")
    assert text.count(".") == 1
    assert "{" not in text
    assert ": " in text or ", so " in text


@given(st.sampled_from(sorted(set(Action) - AWS_ACTIONS)), st.sampled_from(Refusal), FACTS)
def test_what_changes_nothing_in_aws_is_refused_in_the_general_words(
    action: Action, reason: Refusal, facts: RefusalFacts
) -> None:
    assert refusal_sentence(action, reason, "AGR", facts) == refusal_sentence(action, reason, "AGR")


@pytest.mark.parametrize(
    ("action", "setting"),
    [
        (Action.STOP, "BAILIFF_ACTION_ROLE_ARNS"),
        (Action.RENAME, "BAILIFF_ACTION_ROLE_ARNS"),
        (Action.DELETE, "BAILIFF_DELETE_ROLE_ARNS"),
    ],
)
def test_an_account_without_a_role_is_named(action: Action, setting: str) -> None:
    text = said(action, Refusal.NOT_ENABLED, account="111122223333")
    assert text == (
        "Bailiff has no role for this in account 111122223333: use the AWS console, "
        f"or ask an administrator to add one to {setting}."
    )
    assert "Your team does not let Bailiff do this" in said(action, Refusal.NOT_ENABLED)


@pytest.mark.parametrize(
    ("settled", "owner_for", "expected"),
    [
        (24, timedelta(hours=1), "for 24 hours: try again in 23 hours,"),
        (24, timedelta(hours=22, minutes=30), "for 24 hours: try again in 2 hours,"),
        (24, timedelta(hours=23, minutes=59), "for 24 hours: try again in 1 hour,"),
        (1, timedelta(), "for 1 hour: try again in 1 hour,"),
        (72, timedelta(), "for 72 hours: try again in 72 hours,"),
    ],
)
def test_a_new_owner_is_told_how_long_to_wait(settled: int, owner_for: timedelta, expected: str) -> None:
    person = replace(OWNER, owner_for=owner_for)
    text = said(Action.STOP, Refusal.OWNER_TOO_NEW, person=person, owner_settled=timedelta(hours=settled))
    assert expected in text


@pytest.mark.parametrize(
    ("action", "instance", "expected"),
    [
        (Action.STOP, STOPPED, "It is stopped already"),
        (Action.DELETE, RUNNING, "It is not stopped: stop it first"),
    ],
)
def test_another_state_says_what_the_state_is(action: Action, instance: CurrentInstance, expected: str) -> None:
    assert expected in said(action, Refusal.WRONG_STATE, instance)


def test_why_aws_cannot_stop_it_is_said_with_what_can_be_done() -> None:
    spot = replace(RUNNING, lifecycle=Lifecycle.SPOT_ONE_TIME)
    assert "one-time spot instance: terminate it in the AWS console" in said(Action.STOP, Refusal.NOT_STOPPABLE, spot)
    store = replace(RUNNING, has_instance_store_root=True)
    assert "root disk is an instance store: save its data" in said(Action.STOP, Refusal.NOT_STOPPABLE, store)


@pytest.mark.parametrize(
    ("action", "protected", "expected"),
    [
        (Action.STOP, {"is_stop_protected": True}, "because of its stop protection:"),
        (Action.STOP, {"is_stop_protected": True, "is_termination_protected": True}, "because of its stop protection:"),
        (Action.DELETE, {"is_stop_protected": True}, "because of its stop protection:"),
        (Action.DELETE, {"is_termination_protected": True}, "because of its termination protection:"),
        (
            Action.DELETE,
            {"is_stop_protected": True, "is_termination_protected": True},
            "because of its stop protection and termination protection:",
        ),
    ],
)
def test_the_protection_that_refuses_it_is_named(action: Action, protected: dict[str, Any], expected: str) -> None:
    assert expected in said(action, Refusal.PROTECTED, replace(STOPPED, **protected))


@pytest.mark.parametrize(
    ("brake", "expected"),
    [
        (Brake.PERSON, "You reached a limit of the last 24 hours: /bailiff brake says"),
        (Brake.ALL, "An administrator put the brake on, or the limit of all people is reached: /bailiff brake says"),
        (Brake.NONE, "An administrator put the brake on, or"),  # it was reached between the decision and the intent
        (Brake.IMPLAUSIBLE, "The last scan is not plausible"),
    ],
)
def test_each_brake_says_which_it_is(brake: Brake, expected: str) -> None:
    assert said(Action.STOP, Refusal.BRAKE, brake=brake).startswith(expected)


def test_a_name_that_cannot_be_used_says_which_can() -> None:
    assert "start it with ABE or AGR, as in agr-web" in said(Action.RENAME, Refusal.INPUT)
    nobody = replace(OWNER, identifiers=frozenset())
    assert "start it with your identifier" in said(Action.RENAME, Refusal.INPUT, person=nobody)
    admin = replace(OWNER, is_admin=True)
    assert "somebody whom the directory knows" in said(Action.RENAME, Refusal.INPUT, person=admin)


def test_a_deletion_is_confirmed_with_the_name_or_the_id() -> None:
    assert "neither its name nor its id: type one of them to confirm (i-0abc)" in said(Action.DELETE, Refusal.INPUT)


def test_a_controllers_machine_is_renamed_at_its_controller() -> None:
    assert "change the name there instead" in said(Action.RENAME, Refusal.MANAGED)
    assert "scale the controller down" in said(Action.STOP, Refusal.MANAGED)
