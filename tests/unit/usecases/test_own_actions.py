"""What somebody is offered beside the instances of others: what they may do, and nothing else."""

from datetime import timedelta

import pytest

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.messages.instance_items import Actions
from bailiff_bot.usecases.offers import Offers
from bailiff_bot.usecases.own_actions import OwnActions
from tests.builders import NOW, instance, report
from tests.fakes.clock import FakeClock
from tests.fakes.stores import FakeDelegationStore, FakeOfferStore, FakeResultStore

ALL = frozenset({Action.KEEP, Action.NOT_MINE})
MINE_ADA = ReportQuery(View.MINE, ReportFilter(owners=("AGR",)))
FOUND = report(instance(1, "agr-web", age=40), instance(2, "agr-db", age=50))
MEL, ADMIN = "U2", "U9"
BY_ADA = Delegation("1", "U1", "Ada", "agr@octo.example", MEL, "Mel", "", NOW, NOW + timedelta(days=14))


def offered(user_id: str, address: str = "mlg@octo.example", *delegations: Delegation) -> Actions | None:
    clock = FakeClock(NOW)
    own_actions = OwnActions(
        Offers(ALL, clock),
        FakeOfferStore(),
        FakeResultStore(),
        FakeDelegationStore(*delegations),
        clock,
        frozenset({ADMIN}),
    )
    return own_actions.among(FOUND.flagged, user_id, address, MINE_ADA)


def test_a_stranger_is_offered_nothing() -> None:
    assert offered(MEL) is None


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (offered(MEL, "agr@octo.example"), ALL),
        (offered(MEL, "mlg@octo.example", BY_ADA), ALL),
        (offered(ADMIN), {Action.KEEP}),
    ],
    ids=["an owner", "a delegate", "an administrator, who assigns instead of saying it for an owner"],
)
def test_who_may_act_is_offered_it(actions: Actions | None, expected: set[Action]) -> None:
    assert actions
    assert actions.keys.keys() == {subject_of(row) for row in FOUND.flagged}
    assert actions.offered == expected
