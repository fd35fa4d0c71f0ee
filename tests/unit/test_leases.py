"""Work that one process at a time does, whatever becomes of the others."""

from datetime import datetime
from threading import Event

import pytest

from bailiff_bot import leases as leases_module
from bailiff_bot.errors import StoreError
from bailiff_bot.leases import LEASE, Turns
from tests.fakes.adapters import FakeClock, FakeLeases


class FailingLeases(FakeLeases):
    """Gives turns and cannot take them back."""

    def release(self, name: str, holder: str) -> None:
        raise StoreError(f"{holder} cannot give {name} back")


class UncertainLeases(FakeLeases):
    """Takes the first and does not say so."""

    def take(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        known = bool(self.seen)
        self.seen.append(name)
        taken = super().take(name, holder, now, until)
        if not known:
            raise StoreError("the database does not answer")
        return taken

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []


def test_a_turn_is_one_process_s_at_a_time() -> None:
    leases, clock = FakeLeases(), FakeClock()
    one, two = Turns(leases, "one", clock), Turns(leases, "two", clock)
    with one.turn("scan") as ours, two.turn("scan") as theirs:
        assert (ours, theirs) == (True, False)
    with two.turn("scan") as theirs:
        assert theirs


def test_one_piece_of_work_keeps_no_other_waiting() -> None:
    leases, clock = FakeLeases(), FakeClock()
    with Turns(leases, "one", clock).turn("scan"), Turns(leases, "two", clock).turn("digest") as theirs:
        assert theirs


def test_a_turn_in_which_something_fails_is_given_back() -> None:
    leases = FakeLeases()
    with pytest.raises(OSError, match="no network"), Turns(leases, "one", FakeClock()).turn("scan"):
        raise OSError("no network")
    assert leases.held == {}


def test_the_turn_of_a_process_that_died_is_another_s_when_its_lease_has_run_out() -> None:
    leases, clock = FakeLeases(), FakeClock()
    leases.take("scan", "dead", clock(), clock() + LEASE)
    two = Turns(leases, "two", clock)
    with two.turn("scan") as theirs:
        assert not theirs
    clock.move(LEASE)
    with two.turn("scan") as theirs:
        assert theirs


def test_a_turn_is_kept_for_as_long_as_its_work_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases_module, "_BEAT", 0.001)
    clock, leases, extended = FakeClock(), FakeLeases(), Event()
    take, in_time = leases.take, clock() + 2 * LEASE

    def seen(name: str, holder: str, now: datetime, until: datetime) -> bool:
        taken = take(name, holder, now, until)
        if until >= in_time:
            extended.set()
        return taken

    monkeypatch.setattr(leases, "take", seen)
    with Turns(leases, "one", clock).turn("scan"):
        clock.move(LEASE)
        assert extended.wait(5)
        assert leases.held["scan"][1] == in_time


def test_a_turn_that_was_lost_is_not_kept_and_one_that_was_not_is_extended() -> None:
    leases, clock = FakeLeases(), FakeClock()
    one = Turns(leases, "one", clock)
    assert not one.is_kept("digest")
    with one.turn("digest"):
        clock.move(LEASE / 2)
        assert one.is_kept("digest")
        assert leases.held["digest"][1] == clock() + LEASE
        clock.move(2 * LEASE)
        assert leases.take("digest", "two", clock(), clock() + LEASE)
        assert not one.is_kept("digest")


def test_what_is_done_once_may_be_done_again_where_the_database_did_not_say_that_it_took_it() -> None:
    leases, clock = UncertainLeases(), FakeClock()
    one = Turns(leases, "one", clock)
    with pytest.raises(StoreError), one.once("click", LEASE):
        pass
    with one.once("click", LEASE) as first:
        assert first


def test_a_process_that_ends_in_the_midst_of_its_work_gives_its_turns_back() -> None:
    leases, clock = FakeLeases(), FakeClock()
    one, two = Turns(leases, "one", clock), Turns(leases, "two", clock)
    with one.turn("scan"), one.turn("digest"):
        one.give_back()
        assert leases.held == {}
        with two.turn("scan") as theirs:
            assert theirs
    assert leases.held == {}


def test_a_turn_that_somebody_else_has_by_now_is_not_taken_from_there() -> None:
    leases, clock = FakeLeases(), FakeClock()
    with Turns(leases, "one", clock).turn("scan"):
        clock.move(LEASE)
        assert leases.take("scan", "two", clock(), clock() + LEASE)
    assert leases.held["scan"][0] == "two"


def test_a_turn_that_cannot_be_given_back_spoils_nothing() -> None:
    with Turns(FailingLeases(), "one", FakeClock()).turn("scan") as ours:
        assert ours


def test_two_threads_of_one_process_do_not_have_the_same_turn() -> None:
    turns = Turns(FakeLeases(), "one", FakeClock())
    with turns.turn("scan") as mine, turns.turn("scan") as also_mine:
        assert (mine, also_mine) == (True, False)


def test_what_is_to_be_done_once_is_done_once_among_all_replicas() -> None:
    leases, clock = FakeLeases(), FakeClock()
    asked = []
    for holder in ("one", "two", "one"):
        with Turns(leases, holder, clock).once("click", LEASE) as first:
            asked.append(first)
    assert asked == [True, False, False]


def test_what_failed_may_be_done_again() -> None:
    turns = Turns(FakeLeases(), "one", FakeClock())
    with pytest.raises(ValueError, match="failed"), turns.once("click", LEASE):
        raise ValueError("failed")
    with turns.once("click", LEASE) as first:
        assert first
