"""When what a run remembers is final, and when it is discarded."""

import pytest

from bailiff_bot.domain.delivery import DeliveryState, can_be_seen, is_seen

PENDING, SENDING, SENT = DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT
REFUSED, EXPIRED, UNKNOWN = DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.UNKNOWN


@pytest.mark.parametrize("state", [SENT, UNKNOWN])
@pytest.mark.parametrize("other", DeliveryState)
def test_a_run_is_seen_once_somebody_can_have_seen_one_of_its_parents(
    state: DeliveryState, other: DeliveryState
) -> None:
    assert is_seen({state, other})
    assert can_be_seen({state, other})


@pytest.mark.parametrize("state", [PENDING, SENDING])
@pytest.mark.parametrize("other", [PENDING, SENDING, REFUSED, EXPIRED])
def test_a_run_is_undecided_while_a_parent_is_not_settled(state: DeliveryState, other: DeliveryState) -> None:
    assert not is_seen({state, other})
    assert can_be_seen({state, other})


@pytest.mark.parametrize("parents", [{REFUSED}, {EXPIRED}, {REFUSED, EXPIRED}])
def test_a_run_is_lost_once_all_its_parents_are_refused_or_expired(parents: set[DeliveryState]) -> None:
    assert not can_be_seen(parents)
