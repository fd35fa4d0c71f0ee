import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.delivery_summary import DeliverySummary
from tests.builders import HOSTILE_TEXTS

LINES = st.lists(st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=9)).map(tuple)


@given(st.builds(DeliverySummary, st.sampled_from(["on", "off"]), LINES, LINES, LINES, LINES, LINES, st.text(), LINES))
def test_a_summary_survives_a_round_trip_through_json(delivery_summary: DeliverySummary) -> None:
    assert DeliverySummary.from_json(json.loads(json.dumps(delivery_summary.to_json()))) == delivery_summary


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=5)


@given(st.dictionaries(st.sampled_from([*DeliverySummary("on").to_json(), "since", "whose"]), JSON))
def test_json_of_another_version_is_read_as_far_as_it_is_known(kept: dict[str, Any]) -> None:
    for name, value in DeliverySummary.from_json(kept).to_json().items():
        assert isinstance(value, str | list)
        assert not isinstance(kept.get(name), list) or isinstance(value, str) or value == list(map(str, kept[name]))


def test_missing_keys_of_another_version_are_left_empty() -> None:
    assert DeliverySummary.from_json({"told": ["Ada: 1 instance"], "since": 3}) == DeliverySummary(
        notified=("Ada: 1 instance",)
    )
