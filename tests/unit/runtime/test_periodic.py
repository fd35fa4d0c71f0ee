"""What the bot does at each tick, by what the database says: after a while, after a death, beside another."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import pytest
from structlog.testing import capture_logs

from bailiff_bot.domain.delivery import Delivery, Dispatch, Occasion, Part
from bailiff_bot.domain.owner import Owners
from bailiff_bot.errors import Refused, SlackError, StoreError
from bailiff_bot.outbox.sender import Courier
from bailiff_bot.runtime.periodic import Duty
from bailiff_bot.runtime.schedule import slots_of
from tests.fakes.adapters import FakeClock, FakeRoster, FakeSchedules
from tests.unit.digest_scenario import DAY, KilledError, World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BEFORE = datetime(2026, 11, 23, 7, 50, tzinfo=UTC)
"""Ten minutes before nine in Paris, on a Monday."""
PARIS = "Europe/Paris"


@dataclass(slots=True)
class Bot:
    """The bots that there are, over one database."""

    world: World = field(default_factory=lambda: World(clock=FakeClock(BEFORE)))
    forgot: list[datetime] = field(default_factory=list)
    cron: str = "0 9 * * *"

    def __post_init__(self) -> None:
        self._schedules = FakeSchedules(self.world.ledger)

    _schedules: FakeSchedules = field(init=False)

    def duty(self, holder: str = "one", *, channel: bool = True) -> Duty:
        """Return what a process has to do."""
        return Duty(
            digests=self.world.digests(holder=holder),
            schedules=self._schedules,
            clock=self.world.clock,
            slots=slots_of(self.cron, PARIS) if channel else None,
            schedule=f"{self.cron} {PARIS}",
            until=time(20),
            forget=lambda: self.forgot.append(self.world.clock()),
        )

    @property
    def slots(self) -> list[str]:
        """The slots of the digests that were planned."""
        dispatches = [plan.dispatch for plan in self.world.ledger.plans]
        return [one.slot for one in dispatches if one.occasion is Occasion.SCHEDULED]

    @property
    def parents(self) -> int:
        """How many digests were posted."""
        return self.world.kinds().count("parent")


class AwayRoster(FakeRoster):
    """Is not to be asked."""

    def owners(self, addresses: frozenset[str]) -> Owners:
        raise SlackError(f"Slack is away, and tells nothing of {len(addresses)} people")


@pytest.fixture
def bot() -> Bot:
    return Bot()


def tended(bot: Bot, passes: timedelta, duty: Duty | None = None) -> Duty:
    """Let time pass, and tend."""
    bot.world.clock.move(passes)
    one = duty or bot.duty()
    one.tend()
    return one


# --- when it is due ---


def test_a_digest_is_sent_once_when_its_slot_has_come(bot: Bot) -> None:
    duty = tended(bot, timedelta(0))
    assert bot.slots == []
    tended(bot, 10 * MINUTE, duty)
    assert bot.slots == ["2026-11-23T09:00 Europe/Paris"]
    for _ in range(20):
        tended(bot, MINUTE, duty)
    assert (bot.parents, len(bot.slots)) == (1, 1)


def test_a_digest_is_sent_every_day(bot: Bot) -> None:
    duty = tended(bot, timedelta(0))
    for _ in range(3 * 24):
        tended(bot, HOUR, duty)
    assert bot.slots == [f"2026-11-{day}T09:00 Europe/Paris" for day in (23, 24, 25)]
    assert bot.world.twice() == set()


def test_a_slot_before_the_schedule_is_not_made_up_for(bot: Bot) -> None:
    bot.world.clock.move(30 * MINUTE)
    tended(bot, timedelta(0))
    assert bot.slots == []


def test_a_schedule_that_is_changed_stands_from_then_on(bot: Bot) -> None:
    tended(bot, 10 * MINUTE)
    bot.cron = "30 8 * * *"
    tended(bot, MINUTE)
    assert bot.slots == ["2026-11-23T09:00 Europe/Paris"]


def test_after_a_restart_a_digest_that_was_sent_is_not_sent_again(bot: Bot) -> None:
    tended(bot, timedelta(0))
    tended(bot, 10 * MINUTE)
    tended(bot, MINUTE)
    assert (bot.parents, len(bot.slots)) == (1, 1)


@pytest.mark.parametrize(("asleep", "sent"), [(6 * HOUR, 1), (11 * HOUR, 1), (12 * HOUR, 0)])
def test_a_digest_that_is_late_is_sent_the_same_day_until_the_time_that_is_set(
    bot: Bot, asleep: timedelta, sent: int
) -> None:
    tended(bot, timedelta(0))
    duty = tended(bot, asleep)
    tended(bot, MINUTE, duty)
    assert (bot.parents, len(bot.slots)) == (sent, sent)


def test_after_three_days_down_one_digest_is_sent_and_not_three(bot: Bot) -> None:
    tended(bot, timedelta(0))
    duty = tended(bot, 3 * DAY + 30 * MINUTE)
    tended(bot, MINUTE, duty)
    assert bot.slots == ["2026-11-26T09:00 Europe/Paris"]
    assert bot.parents == 1


def test_without_a_channel_nothing_is_due(bot: Bot) -> None:
    duty = bot.duty(channel=False)
    tended(bot, timedelta(0), duty)
    tended(bot, DAY, duty)
    assert bot.slots == []


# --- beside others ---


def test_a_slot_that_a_replica_has_is_not_sent_again(bot: Bot) -> None:
    tended(bot, timedelta(0))
    tended(bot, 10 * MINUTE, bot.duty("one"))
    tended(bot, MINUTE, bot.duty("two"))
    assert (bot.parents, len(bot.slots)) == (1, 1)


def test_a_slot_that_a_replica_is_planning_is_left_to_it(bot: Bot) -> None:
    tended(bot, timedelta(0))
    bot.world.clock.move(10 * MINUTE)
    now = bot.world.clock()
    bot.world.leases.take("digest", "another", now, now + MINUTE)
    bot.duty().tend()
    assert bot.slots == []


def test_a_slot_whose_replica_died_while_planning_is_sent_by_another(bot: Bot) -> None:
    tended(bot, timedelta(0))
    bot.world.clock.move(10 * MINUTE)
    now = bot.world.clock()
    bot.world.leases.take("digest", "dead", now, now + MINUTE)
    duty = tended(bot, timedelta(0))
    tended(bot, MINUTE, duty)
    assert bot.parents == 1


# --- what fails ---


def died(bot: Bot) -> None:
    """Have a bot die after it posted the first message of a digest."""
    tended(bot, timedelta(0))
    bot.world.carrier.fail("send", KilledError(), of="/tables 1/")
    with pytest.raises(KilledError):
        tended(bot, 10 * MINUTE)


def died_before_anybody_was_told(bot: Bot) -> None:
    """Have a bot die while it posts the first message of a digest, which Slack has by then; nothing goes on with it."""
    tended(bot, timedelta(0))
    bot.world.clock.move(10 * MINUTE)
    bot.world.carrier.fail("send", KilledError(), of="/parent/", taken=True)
    with pytest.raises(KilledError):
        bot.duty().digests.scheduled("2026-11-23T09:00 Europe/Paris", bot.world.clock() + 11 * HOUR)
    assert bot.world.told() == {}


def test_what_a_bot_that_died_left_unfinished_is_completed_by_the_next(bot: Bot) -> None:
    died(bot)
    tended(bot, MINUTE)
    assert (bot.parents, bot.world.twice(), bot.world.ledger.unfinished()) == (1, set(), ())
    assert bot.world.told() == {"U1": 1, "U2": 1, "U3": 1}


def test_what_is_left_unfinished_is_completed_without_a_channel_too(bot: Bot) -> None:
    died(bot)
    tended(bot, MINUTE, bot.duty(channel=False))
    assert bot.world.ledger.unfinished() == ()


def test_a_digest_that_fails_before_it_is_planned_is_tried_again_at_the_next_tick(bot: Bot) -> None:
    duty = tended(bot, timedelta(0))
    bot.world.channel_fails = Refused("no such channel")
    with pytest.raises(Refused):
        tended(bot, 10 * MINUTE, duty)
    bot.world.channel_fails = None
    tended(bot, MINUTE, duty)
    assert bot.parents == 1


def test_a_digest_that_fails_at_every_tick_keeps_nothing_else_from_its_end(bot: Bot) -> None:
    died(bot)
    bot.world.roster = AwayRoster()
    with pytest.raises(SlackError, match="away"):
        tended(bot, DAY)
    assert bot.world.ledger.unfinished() == ()


def test_a_digest_that_fails_is_not_tried_again_at_once_for_each_attempt_looks_at_the_whole_tenant(bot: Bot) -> None:
    bot.world.roster = AwayRoster()
    duty = tended(bot, timedelta(0))
    with pytest.raises(SlackError):
        tended(bot, 10 * MINUTE, duty)
    tended(bot, MINUTE / 2, duty)
    assert bot.world.scans == 1


def test_what_was_begun_in_a_channel_that_another_company_has_joined_since_is_not_gone_on_with(bot: Bot) -> None:
    bot.world.carrier.fail("send", KilledError(), of="/tables 1/")
    with pytest.raises(KilledError):
        bot.world.sends()
    sent = len(bot.world.carrier.sent())
    bot.world.channel_fails = Refused("shared with another company", "shared_channel")
    bot.world.clock.move(2 * MINUTE)
    with capture_logs() as logs:
        bot.duty().digests.dispatcher.complete()
    assert len(bot.world.carrier.sent()) == sent
    assert any("shared with another company" in str(line.get("reason")) for line in logs)


def test_owners_whom_a_digest_that_came_to_nothing_did_not_tell_are_told_by_the_next(bot: Bot) -> None:
    died_before_anybody_was_told(bot)
    duty = tended(bot, DAY + HOUR)
    assert bot.slots == [f"2026-11-{day}T09:00 Europe/Paris" for day in (23, 24)]
    tended(bot, MINUTE, duty)
    assert bot.world.told() == {"U1": 1, "U2": 1, "U3": 1}
    assert bot.world.ledger.unfinished() == ()


def test_what_was_begun_in_a_channel_that_is_refused_for_good_ends_when_it_is_too_late(bot: Bot) -> None:
    died_before_anybody_was_told(bot)
    sent = len(bot.world.carrier.sent())
    bot.world.channel_fails = Refused("is archived", "is_archived")
    bot.world.clock.move(DAY)
    with capture_logs():
        bot.duty(channel=False).tend()
    assert bot.world.ledger.unfinished() == ()
    assert len(bot.world.carrier.sent()) == sent
    assert [step for step, _ in bot.world.carrier.events if step == "edit"] == []


def test_what_was_begun_in_another_channel_than_today_s_is_checked_in_that_one(bot: Bot) -> None:
    died_before_anybody_was_told(bot)
    asked = list[str]()
    one = replace(bot.duty().digests.dispatcher, check=asked.append)
    bot.world.clock.move(MINUTE)
    one.complete()
    assert set(asked) == {bot.world.plan.dispatch.recipient}


def test_owners_are_not_told_any_more_once_nudges_are_switched_off(bot: Bot) -> None:
    died_before_anybody_was_told(bot)
    bot.world.clock.move(MINUTE)
    bot.world.digests("off").dispatcher.complete()
    assert bot.world.told() == {}
    assert bot.world.ledger.unfinished() == ()
    assert "BAILIFF_NUDGES was switched off" in bot.world.words(Part.ROLL)


def test_one_dispatch_that_cannot_be_gone_on_with_keeps_no_other_from_its_end(bot: Bot) -> None:
    for _ in range(2):
        bot.world.carrier.fail("send", KilledError(), of="/tables 1/")
        with pytest.raises(KilledError):
            bot.world.sends()
    first, _ = bot.world.ledger.unfinished()

    class Poisoned(Courier):
        def deliver(self, dispatch: Dispatch, until: datetime) -> tuple[Delivery, ...]:
            if dispatch == first:
                raise ValueError("of another version")
            return super().deliver(dispatch, until)

    dispatcher = bot.duty().digests.dispatcher
    sane = dispatcher.courier
    poisoned = Poisoned(sane.ledger, sane.carrier, sane.holder, sane.clock, sane.pause)
    one = replace(dispatcher, courier=poisoned)
    bot.world.clock.move(MINUTE)
    with capture_logs() as logs:
        one.complete()
    assert bot.world.ledger.unfinished() == (first,)
    assert any(line["log_level"] == "error" and line["slot"] == first.slot for line in logs)
    bot.world.clock.move(DAY)
    with capture_logs():
        one.complete()
    assert bot.world.ledger.unfinished() == ()


def test_a_digest_that_slack_refuses_is_not_tried_again_until_its_next_slot(bot: Bot) -> None:
    duty = tended(bot, timedelta(0))
    bot.world.carrier.fail("send", Refused("not in the channel"))
    with pytest.raises(SlackError):
        tended(bot, 10 * MINUTE, duty)
    tended(bot, MINUTE, duty)
    assert (bot.parents, len(bot.slots)) == (1, 1)
    tended(bot, DAY, duty)
    assert len(bot.slots) == 2


def test_a_database_that_is_away_is_said_and_nothing_sent_until_it_is_back(bot: Bot) -> None:
    duty = tended(bot, timedelta(0))
    bot.world.ledger.away = StoreError("away")
    with pytest.raises(StoreError):
        tended(bot, 10 * MINUTE, duty)
    assert bot.parents == 0
    bot.world.ledger.away = None
    tended(bot, MINUTE, duty)
    assert bot.parents == 1


def test_what_is_missing_of_a_digest_is_a_line_of_the_log(bot: Bot) -> None:
    duty = tended(bot, timedelta(0))
    bot.world.carrier.fail("send", Refused("Slack said no"), of="nudge/U2")
    with capture_logs() as logged:
        tended(bot, 10 * MINUTE, duty)
    assert [line["reason"] for line in logged if line["log_level"] == "error"] == [
        "Mel (MLG): 1 instance could not be told: Slack said no"
    ]
    [sent] = [line for line in logged if line["event"] == "digest sent"]
    assert (sent["slot"], sent["owing"], sent["owners"], sent["told"]) == ("2026-11-23T09:00 Europe/Paris", 4, 3, 2)


# --- what is old ---


def test_what_is_old_is_forgotten_at_the_start_and_once_a_day(bot: Bot) -> None:
    duty = tended(bot, timedelta(0), bot.duty(channel=False))
    for _ in range(47):
        tended(bot, HOUR, duty)
    assert bot.forgot == [BEFORE, BEFORE + DAY]


def test_what_could_not_be_forgotten_is_forgotten_at_the_next_tick(bot: Bot) -> None:
    duty, asked = bot.duty(), list[datetime]()
    forget = duty.forget

    def away() -> None:
        asked.append(bot.world.clock())
        raise StoreError("away")

    duty.forget = away
    with pytest.raises(StoreError):
        duty.tend()
    duty.forget = forget
    tended(bot, MINUTE, duty)
    assert (asked, bot.forgot) == ([BEFORE], [BEFORE + MINUTE])
