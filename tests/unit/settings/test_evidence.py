"""The settings of usage."""

import pytest

from bailiff_bot.domain.policy import Policy
from tests.unit.settings.loading import load_with, refusal

WRONG = [
    ("BAILIFF_USAGE", "yes", "should be 'on' or 'off'"),
    ("BAILIFF_IDLE_DAYS", "0", "should be greater than or equal to 1"),
    ("BAILIFF_IDLE_DAYS", "366", "should be less than or equal to 365"),
    ("BAILIFF_IDLE_CPU", "0", "should be greater than 0"),
    ("BAILIFF_IDLE_CPU", "nan", "should be a finite number"),
    ("BAILIFF_USED_CPU", "101", "should be less than or equal to 100"),
    ("BAILIFF_IDLE_NETWORK_MB", "-1", "should be greater than 0"),
    ("BAILIFF_USED_NETWORK_MB", "inf", "should be a finite number"),
    ("BAILIFF_USED_NETWORK_MB", "much", "should be a valid number"),
]


@pytest.mark.parametrize(("variable", "value", "expected"), WRONG)
def test_a_wrong_value_is_refused_in_one_line_that_says_what_it_should_be(
    variable: str, value: str, expected: str
) -> None:
    line = refusal(**{variable: value})
    assert line.startswith(f"{variable} is wrong: {value!r} ")
    assert expected in line
    assert "\n" not in line


def test_usage_is_read_unless_it_is_switched_off() -> None:
    assert load_with().policy() == Policy(reads_usage=True)
    assert load_with(BAILIFF_USAGE="off").policy() == Policy()


def test_the_policy_has_the_thresholds_of_the_variables() -> None:
    policy = load_with(
        BAILIFF_IDLE_DAYS="7",
        BAILIFF_IDLE_CPU="2.5",
        BAILIFF_IDLE_NETWORK_MB="10",
        BAILIFF_USED_CPU="20",
        BAILIFF_USED_NETWORK_MB="500",
    ).policy()
    assert policy == Policy(
        reads_usage=True, idle_days=7, idle_cpu=2.5, idle_network_mb=10, used_cpu=20, used_network_mb=500
    )


@pytest.mark.parametrize(
    ("idle", "used"), [("BAILIFF_IDLE_CPU", "BAILIFF_USED_CPU"), ("BAILIFF_IDLE_NETWORK_MB", "BAILIFF_USED_NETWORK_MB")]
)
@pytest.mark.parametrize("value", ["8", "8.5"])
def test_no_instance_can_be_idle_and_used(idle: str, used: str, value: str) -> None:
    assert f"{idle} is not below {used}" in refusal(**{idle: value, used: "8"})


def test_days_of_the_window_are_kept_as_long_as_they_are_needed() -> None:
    assert "BAILIFF_IDLE_DAYS is more than BAILIFF_KEEP_DAYS" in refusal(BAILIFF_IDLE_DAYS="15", BAILIFF_KEEP_DAYS="14")
    assert load_with(BAILIFF_IDLE_DAYS="14", BAILIFF_KEEP_DAYS="14").idle_days == 14
