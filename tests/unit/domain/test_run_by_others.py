"""Stacks and schedules are recognised by their tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.run_by_others import is_in_stack, is_scheduled
from tests.builders import instance

BLANKS = st.text(" \t", max_size=2)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:cloudformation:stack-id", True),
        ("aws:cloudformation:stack-name", True),
        ("aws:cloudformation:logical-id", False),
        ("cloudformation:stack-id", False),
        ("AWS:cloudformation:stack-id", False),
    ],
)
def test_only_a_tag_of_cloudformation_makes_a_member_of_a_stack(key: str, *, expected: bool) -> None:
    assert is_in_stack(instance(tags={key: "arn"})) is expected


def test_without_tags_an_instance_is_in_no_stack_and_has_no_schedule() -> None:
    assert not is_in_stack(instance(name=None))
    assert not is_scheduled(instance(name=None), ("Schedule",))


@given(st.sampled_from(["Schedule", "schedule", "SCHEDULE"]), BLANKS, BLANKS, st.text(max_size=10))
def test_case_and_blanks_of_a_schedules_key_do_not_matter(key: str, before: str, after: str, value: str) -> None:
    tagged = instance(tags={f"{before}{key}{after}": value})
    assert is_scheduled(tagged, ("auto-stop", " Schedule "))
    assert not is_scheduled(tagged, ("auto-stop",))
    assert not is_scheduled(tagged, ())


@pytest.mark.parametrize("key", ["Scheduled", "my Schedule", "Sched ule"])
def test_another_key_is_no_schedule(key: str) -> None:
    assert not is_scheduled(instance(tags={key: "x"}), ("Schedule",))
