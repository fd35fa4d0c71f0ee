"""The settings of actions in AWS: a wrong value is refused in one line, and no action is offered without its role."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_brakes import BrakeLimits
from tests.unit.settings.loading import load_with, refusal

ACT, OTHER = "arn:aws:iam::123456789012:role/bailiff-act", "arn:aws:iam::444455556666:role/bailiff-act"
DELETE = "arn:aws:iam::123456789012:role/bailiff-delete"
ROLES = {"BAILIFF_ACTION_ROLE_ARNS": ACT, "BAILIFF_DELETE_ROLE_ARNS": DELETE}
ACTIONS, ARNS, DELETE_ARNS = "BAILIFF_ACTIONS", "BAILIFF_ACTION_ROLE_ARNS", "BAILIFF_DELETE_ROLE_ARNS"
RANGES = [
    ("BAILIFF_OWNER_SETTLED_HOURS", 1, 720),
    ("BAILIFF_MAX_ACTIONS_PER_PERSON", 0, 10_000),
    ("BAILIFF_MAX_DELETIONS_PER_PERSON", 0, 10_000),
    ("BAILIFF_MAX_ACTIONS", 0, 100_000),
    ("BAILIFF_DELETE_WAIT_HOURS", 1, 720),
    ("BAILIFF_IMAGE_DAYS", 1, 3_650),
    ("BAILIFF_MAX_EXEMPTION_DAYS", 1, 365),
    ("BAILIFF_TRIAGE_DAYS", 1, 365),
]


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        (ACTIONS, "keep,reboot", "names 'reboot', which is none of keep, not-mine, rename, stop, delete"),
        (ACTIONS, "none,keep", "names 'none', which is none of"),
        (ACTIONS, "undo", "names 'undo', which is none of"),
        (ACTIONS, "Stop", "names 'Stop', which is none of"),
        ("BAILIFF_ADMINS", "bill", "should look like U0123456789, and 'bill' does not"),
        ("BAILIFF_ADMINS", "U0123456789,@bill", "and '@bill' does not"),
        (ARNS, "bailiff-act", "should look like arn:aws:iam::123456789012:role/NAME, and 'bailiff-act' does not"),
        (ARNS, ACT.replace("role", "user"), "should look like arn:aws:iam::123456789012:role/NAME"),
        (ARNS, f"{ACT},{DELETE}", "has two roles of the account 123456789012: there can be only one"),
        (ARNS, f"{ACT},{ACT}", "has two roles of the account 123456789012: there can be only one"),
        (DELETE_ARNS, f"{OTHER},{DELETE},{ACT}", "has two roles of the account 123456789012"),
        ("BAILIFF_ACTIONS_DRY_RUN", "yes", "should be 'on' or 'off'"),
        ("BAILIFF_IMAGE_BEFORE_DELETE", "true", "should be 'on' or 'off'"),
        *((variable, str(low - 1), f"should be greater than or equal to {low}") for variable, low, _ in RANGES),
        *((variable, str(high + 1), f"should be less than or equal to {high}") for variable, _, high in RANGES),
        *((variable, "a few", "should be a valid integer") for variable, _, _ in RANGES),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_with_what_it_should_be(variable: str, value: str, expected: str) -> None:
    line = refusal(**{variable: value})
    assert line.startswith(f"{variable} is wrong: {value!r} ")
    assert expected in line


@pytest.mark.parametrize(("variable", "low", "high"), RANGES)
def test_both_ends_of_a_range_are_accepted(variable: str, low: int, high: int) -> None:
    name = variable.removeprefix("BAILIFF_").lower()
    assert [getattr(load_with(**{variable: str(value)}), name) for value in (low, high)] == [low, high]


@pytest.mark.parametrize("actions", ["stop", "rename", "keep,stop,rename", "stop,delete"])
def test_stop_and_rename_need_a_role(actions: str) -> None:
    line = refusal(**{ACTIONS: actions, DELETE_ARNS: DELETE})
    assert "BAILIFF_ACTIONS has rename or stop, but BAILIFF_ACTION_ROLE_ARNS names no role for them" in line


def test_delete_needs_a_role_of_its_own() -> None:
    line = refusal(**{ACTIONS: "keep,delete", ARNS: ACT})
    assert "BAILIFF_ACTIONS has delete, but BAILIFF_DELETE_ROLE_ARNS names no role for it" in line


def test_nothing_is_changed_in_aws_by_default() -> None:
    settings = load_with()
    assert settings.offered_actions == {Action.KEEP}
    assert not settings.changes_aws
    assert settings.action_role_arns == settings.delete_role_arns == ()
    assert (settings.actions_dry_run, settings.image_before_delete) == ("off", "on")


@given(st.sets(st.sampled_from(["keep", "not-mine", "rename", "stop", "delete"]), min_size=1))
def test_what_is_offered_is_what_is_named_and_it_changes_aws_if_one_of_three_is(names: set[str]) -> None:
    settings = load_with(**{ACTIONS: ",".join(sorted(names)), "BAILIFF_TRIAGE_CHANNEL": "x"}, **ROLES)
    assert settings.offered_actions == set(map(Action, names))
    assert settings.changes_aws is bool(names & {"rename", "stop", "delete"})


def test_none_offers_nothing_and_needs_no_role() -> None:
    assert load_with(BAILIFF_ACTIONS="none").offered_actions == frozenset()


def test_each_account_has_one_role_of_each_kind() -> None:
    settings = load_with(
        **{ACTIONS: "stop,delete", ARNS: f"{ACT} {OTHER}", DELETE_ARNS: DELETE, "BAILIFF_NUDGES": "on"}
    )
    assert settings.action_role_arns == (ACT, OTHER)
    assert settings.delete_role_arns == (DELETE,)


def test_roles_of_other_partitions_are_accepted() -> None:
    arns = tuple(ACT.replace("arn:aws:", f"arn:{partition}:") for partition in ("aws-cn", "aws-us-gov"))
    assert load_with(BAILIFF_ACTION_ROLE_ARNS=arns[0]).action_role_arns == arns[:1]
    assert load_with(BAILIFF_ACTION_ROLE_ARNS=arns[1]).action_role_arns == arns[1:]


def test_the_limits_of_the_brakes_are_the_settings() -> None:
    assert load_with().brake_limits == BrakeLimits()
    limits = load_with(
        BAILIFF_MAX_ACTIONS_PER_PERSON="1", BAILIFF_MAX_DELETIONS_PER_PERSON="2", BAILIFF_MAX_ACTIONS="3"
    ).brake_limits
    assert limits == BrakeLimits(per_person=1, deletions_per_person=2, total=3)


def test_tags_of_schedulers_may_contain_blanks() -> None:
    assert load_with().schedule_tags == ("Schedule",)
    assert load_with(BAILIFF_SCHEDULE_TAGS="Schedule, Office hours").schedule_tags == ("Schedule", "Office hours")


def test_hours_are_a_duration() -> None:
    assert load_with(BAILIFF_OWNER_SETTLED_HOURS="36").owner_settled.total_seconds() == 36 * 3_600


def test_a_deletion_that_nobody_would_be_told_of_is_not_offered() -> None:
    line = refusal(**{ACTIONS: "delete", DELETE_ARNS: DELETE})
    assert line.startswith("BAILIFF_ACTIONS has delete, but nobody would be told of a deletion and could cancel it")
    assert load_with(**{ACTIONS: "delete", DELETE_ARNS: DELETE, "BAILIFF_TRIAGE_CHANNEL": "triage"})
