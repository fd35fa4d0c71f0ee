"""Who is told what others did: the other owners, and those whose own decision was changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.delivery import BatchPlan
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.notice import Notice
from bailiff_bot.domain.offer import Offer
from bailiff_bot.domain.owner import Owner, OwnersByAddress
from bailiff_bot.domain.ownership import Assignment, Disclaimer, OwnershipClaims
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import instance_subject
from bailiff_bot.errors import SlackError
from bailiff_bot.leases import Leases
from bailiff_bot.slack.blocks.pages import pages
from bailiff_bot.slack.blocks.render import render
from bailiff_bot.usecases.batches import Planner
from bailiff_bot.usecases.message_edits import MessageEdits
from bailiff_bot.usecases.notice_messages import NoticeMessages
from bailiff_bot.usecases.notices import Notices
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.report_messages import ReportMessages
from tests.builders import NOW, instance
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeExemptionStore, FakeLeaseStore, FakeOwnershipStore
from tests.unit.digest_scenario import DigestScenario

DAY = timedelta(days=1)
SUBJECT = instance_subject(instance())
OFFER = Offer("k", SUBJECT, "a box", "U1", "a message", NOW)
GRANT = Grant("g", SUBJECT, frozenset({RuleId.OWNED}), NOW + DAY, "a demo", "U1", "Ada", NOW)
SAID = Disclaimer("d", SUBJECT, "a box", "U2", "Mel", "mlg@octo.example", NOW, NOW + DAY, "print")
ASSIGNED = Assignment("a", SUBJECT, "U3", "Pat", "pade@octo.example", "U9", "Max", NOW, "print")
OWNERS = {"agr@octo.example": Owner("U1", "Ada"), "hro@octo.example": Owner("U4", "Hector")}


@dataclass(slots=True)
class Scenario:
    """What was done, and what is planned about it."""

    result: ActionResult
    members: frozenset[str] | None = frozenset({"U1", "U2", "U3"})
    """None: Slack does not say who is a member."""
    told: list[BatchPlan] = field(default_factory=list)
    settled: list[ActionResult] = field(default_factory=list)
    """What nobody has to be told any more."""
    slack: DigestScenario = field(default_factory=lambda: DigestScenario(clock=FakeClock(NOW)))

    def waiting(self) -> tuple[ActionResult, ...]:
        return (self.result,)

    def tell(self, results: Sequence[ActionResult], plans: Sequence[BatchPlan]) -> bool:
        self.settled += results
        self.told += plans
        return False

    def makers(self, made_id: str) -> frozenset[str]:
        del made_id
        return frozenset()

    def showing(self, made_id: str) -> tuple[str, ...]:
        del made_id
        return ()

    def notice(self, key: str) -> Notice | None:
        raise AssertionError(key)

    def endings(self, made_ids: object) -> tuple[ActionResult, ...]:
        del made_ids
        return ()

    def owners(self, addresses: frozenset[str]) -> OwnersByAddress:
        return {address: OWNERS[address] for address in addresses}

    def is_member(self, user_id: str) -> bool:
        if self.members is None:
            raise SlackError("Slack is away")
        return user_id in self.members

    def readers(self) -> set[str]:
        """Return who is told."""
        clock = self.slack.clock
        reports = ReportMessages(render, pages, ZoneInfo("UTC"))
        Notices(
            store=self,
            exemptions=FakeExemptionStore(GRANT),
            ownership=FakeOwnershipStore(OwnershipClaims((SAID,), (ASSIGNED,))),
            users=self,
            notice_messages=NoticeMessages(reports, Offers(frozenset(Action), clock), self),
            planner=Planner(self.slack.delivery_store, clock),
            outbox=self.slack.outbox(),
            edits=MessageEdits(Leases(FakeLeaseStore(), "one", clock), self.slack.outbox(), clock.pause),
            clock=clock,
            collect=timedelta(),
            nudges="on",
        ).run_due()
        return {plan.batch.recipient for plan in self.told}


@pytest.mark.parametrize(
    ("action", "made_id", "actor", "readers"),
    [
        (Action.KEEP, "g", "U1", {"U4"}),
        (Action.KEEP, "g", "U5", {"U1", "U4"}),
        (Action.NOT_MINE, "d", "U2", {"U1", "U4"}),
        (Action.END, "g", "U4", {"U1"}),
        (Action.UNDO, "g", "U9", {"U1", "U4"}),
        (Action.UNDO, "d", "U2", {"U1", "U4"}),
        (Action.UNDO, "d", "U5", {"U1", "U2", "U4"}),
        (Action.ASSIGN, "a", "U9", {"U1", "U3", "U4"}),
    ],
    ids=[
        "an owner keeps it",
        "a delegate keeps it",
        "not mine",
        "another owner ends it",
        "an administrator undoes it",
        "taken back",
        "taken back by a delegate: who said it was no owner then",
        "assigned",
    ],
)
def test_each_who_is_concerned_is_told_but_not_who_did_it(
    action: Action, made_id: str, actor: str, readers: set[str]
) -> None:
    result = ActionResult(OFFER, action, actor, "Somebody", NOW, made_id, NOW + DAY, owners=tuple(OWNERS))
    assert Scenario(result).readers() == readers


UNDONE = ActionResult(OFFER, Action.UNDO, "U9", "Max", NOW, "d", owners=("hro@octo.example",))


def test_who_left_the_workspace_is_not_told() -> None:
    scenario = Scenario(UNDONE, members=frozenset())
    assert scenario.readers() == {"U4"}
    assert scenario.settled == [UNDONE]


def test_if_slack_does_not_say_who_is_a_member_everybody_is_told_later_and_not_for_ever() -> None:
    scenario = Scenario(UNDONE, members=None)
    assert scenario.readers() == set()
    assert scenario.settled == []
    scenario.slack.clock.advance(DAY)
    assert scenario.readers() == {"U4"}
