"""Which days of an instance are asked for."""

from datetime import date, timedelta

import pytest

from bailiff_bot.domain.usage_figures import NO_FIGURES, DayFigures
from bailiff_bot.domain.usage_questions import UsageAnswers, UsageQuestion, usage_question

FIRST = date(2026, 11, 6)
WINDOW = [FIRST + timedelta(days=number) for number in range(14)]
WHOLE, PARTIAL = DayFigures(1.0, 0.5, 0.1, 0.1, 24), DayFigures(1.0, 0.5, 0.1, 0.1, 7)


def test_a_new_instance_is_asked_for_the_whole_window() -> None:
    assert usage_question("i-1", WINDOW, {}) == UsageQuestion("i-1", FIRST, WINDOW[-1], {})


def test_only_days_that_are_not_known_are_asked_for() -> None:
    known = dict.fromkeys(WINDOW[:-1], WHOLE)
    assert usage_question("i-1", WINDOW, known) == UsageQuestion("i-1", WINDOW[-1], WINDOW[-1], known)


@pytest.mark.parametrize("not_whole", [PARTIAL, NO_FIGURES])
def test_a_day_that_is_not_whole_is_asked_for_again_with_the_next_day(not_whole: DayFigures) -> None:
    known = dict.fromkeys(WINDOW[:-1], WHOLE) | {WINDOW[3]: not_whole}
    asked = usage_question("i-1", WINDOW, known)
    assert asked
    assert (asked.first, asked.last) == (WINDOW[3], WINDOW[-1])


def test_nothing_is_asked_twice_about_the_same_window() -> None:
    known = dict.fromkeys(WINDOW, WHOLE) | {WINDOW[3]: NO_FIGURES, WINDOW[-1]: PARTIAL}
    assert usage_question("i-1", WINDOW, known) is None


def test_a_longer_window_is_asked_for_at_once() -> None:
    asked = usage_question("i-1", WINDOW, dict.fromkeys(WINDOW[7:], WHOLE))
    assert asked
    assert (asked.first, asked.last) == (FIRST, WINDOW[6])


def test_an_answer_is_expected_to_have_as_many_hours_as_before() -> None:
    known = dict.fromkeys(WINDOW[:-1], NO_FIGURES) | {WINDOW[0]: PARTIAL}
    assert UsageQuestion("i-1", FIRST, WINDOW[-1], known).expected_hours(FIRST, WINDOW[-1]) == 7 + 24
    assert UsageQuestion("i-1", FIRST, WINDOW[-1]).expected_hours(FIRST, WINDOW[-1]) == 14 * 24


def test_the_last_day_may_only_have_been_late() -> None:
    question = UsageQuestion("i-1", FIRST, FIRST, {FIRST: NO_FIGURES})
    assert question.expected_hours(FIRST, FIRST) == 24


def test_a_day_of_a_thousand_instances_costs_three_cents() -> None:
    assert UsageAnswers({}, metrics=3 * 1000).usd == pytest.approx(0.03)
