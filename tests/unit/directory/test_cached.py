from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from bailiff_bot.directory.cached import CachedDirectory
from bailiff_bot.domain.identity import People, people_from_entries

WHOLE = people_from_entries([("AGR", "agr@octo.example")])
BROKEN = people_from_entries([], gaps=["Askbob cannot be reached"])


class FakeDirectory:
    """Answers what it is told to, and counts the questions."""

    def __init__(self, *answers: People) -> None:
        self.answers = list(answers)
        self.asked = 0

    def people(self) -> People:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


class FakeClock:
    """A clock that stands until it is moved; seconds."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("answer", "seconds", "asked"), [(WHOLE, 3599, 1), (WHOLE, 3600, 2), (BROKEN, 59, 1), (BROKEN, 60, 2)]
)
def test_keeps_a_whole_answer_for_an_hour_and_one_with_gaps_for_a_minute(
    answer: People, seconds: float, asked: int
) -> None:
    directory, clock = FakeDirectory(answer), FakeClock()
    cached = CachedDirectory(directory, clock)

    assert cached.people() is answer
    clock.seconds += seconds
    assert cached.people() is answer
    assert directory.asked == asked


def test_says_so_when_the_directory_has_gone_down_since() -> None:
    clock = FakeClock()
    cached = CachedDirectory(FakeDirectory(WHOLE, BROKEN), clock)
    cached.people()

    clock.seconds += 3600

    assert cached.people() is BROKEN


def test_those_who_ask_at_the_same_time_share_one_question() -> None:
    answering, go = Barrier(2, timeout=5), Event()

    class SlowDirectory(FakeDirectory):
        def people(self) -> People:
            answering.wait()
            go.wait(5)
            return super().people()

    directory = SlowDirectory(WHOLE)
    cached = CachedDirectory(directory, FakeClock())
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(cached.people) for _ in range(8)]
        answering.wait()
        go.set()

    assert [asked.result() for asked in asking] == [WHOLE] * 8
    assert directory.asked == 1


def test_asks_nothing_before_it_is_asked() -> None:
    directory = FakeDirectory(WHOLE)

    CachedDirectory(directory)

    assert directory.asked == 0
