from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bailiff_bot.slack.once import Once


def test_a_key_is_taken_once() -> None:
    once = Once()
    assert [once.take("a"), once.take("a"), once.take("b")] == [True, False, True]


def test_a_key_that_was_given_back_is_taken_again() -> None:
    once = Once()
    once.take("a")
    once.give_back("a")
    assert once.take("a")


def test_a_key_that_was_never_taken_can_be_given_back() -> None:
    Once().give_back("a")


def test_of_many_who_take_a_key_at_the_same_time_one_gets_it() -> None:
    once, together = Once(), Barrier(8)

    def take(_number: int) -> bool:
        together.wait(5)
        return once.take("a")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_only_the_latest_keys_are_remembered() -> None:
    once = Once()
    for number in range(1_001):
        once.take(number)
    assert not once.take(1_000)
    assert not once.take(1)
    assert once.take(0)
