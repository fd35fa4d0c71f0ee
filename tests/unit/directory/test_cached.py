from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from bailiff_bot.directory.cached import CachedDirectory
from bailiff_bot.domain.identity import People, people_from_entries

COMPLETE = people_from_entries([("AGR", "agr@octo.example")])
INCOMPLETE = people_from_entries([], gaps=["Askbob cannot be reached"])


class FakeDirectory:
    """Returns the given answers in order, and counts the calls."""

    def __init__(self, *answers: People) -> None:
        self.answers = list(answers)
        self.calls = 0

    def people(self) -> People:
        self.calls += 1
        return self.answers[min(self.calls, len(self.answers)) - 1]


class FakeClock:
    """A clock in seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("answer", "seconds", "calls"), [(COMPLETE, 3599, 1), (COMPLETE, 3600, 2), (INCOMPLETE, 59, 1), (INCOMPLETE, 60, 2)]
)
def test_a_complete_answer_is_kept_for_an_hour_and_one_with_gaps_for_a_minute(
    answer: People, seconds: float, calls: int
) -> None:
    directory, clock = FakeDirectory(answer), FakeClock()
    cached = CachedDirectory(directory, clock)

    assert cached.people() is answer
    clock.seconds += seconds
    assert cached.people() is answer
    assert directory.calls == calls


def test_an_expired_answer_is_replaced_even_by_one_with_gaps() -> None:
    clock = FakeClock()
    cached = CachedDirectory(FakeDirectory(COMPLETE, INCOMPLETE), clock)
    cached.people()

    clock.seconds += 3600

    assert cached.people() is INCOMPLETE


def test_callers_at_the_same_time_share_one_call() -> None:
    started, may_answer = Barrier(2, timeout=5), Event()

    class SlowDirectory(FakeDirectory):
        def people(self) -> People:
            started.wait()
            may_answer.wait(5)
            return super().people()

    directory = SlowDirectory(COMPLETE)
    cached = CachedDirectory(directory, FakeClock())
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(cached.people) for _ in range(8)]
        started.wait()
        may_answer.set()

    assert [future.result() for future in futures] == [COMPLETE] * 8
    assert directory.calls == 1


def test_the_directory_is_not_called_before_it_is_needed() -> None:
    directory = FakeDirectory(COMPLETE)

    CachedDirectory(directory)

    assert directory.calls == 0
