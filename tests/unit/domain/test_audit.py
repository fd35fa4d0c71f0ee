from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.audit import FORGOTTEN, Person, State, Value, with_keys, with_people
from bailiff_bot.domain.audit_chain import canonical_json

PEOPLE = {"k1": Person("U0ADA", "Ada", "ada@octo.example"), "k2": Person("", "", "ben@octo.example")}
KEYS = {person: key for key, person in PEOPLE.items()}
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(list(PEOPLE.values())),
    lambda values: st.lists(values, max_size=3).map(tuple),
    max_leaves=5,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_a_state_is_read_as_it_was_written_and_names_people_by_keys_alone(state: State) -> None:
    written = with_keys(state, KEYS.__getitem__)
    assert with_people(written, PEOPLE.__getitem__) == state
    assert "octo.example" not in canonical_json(written)


def test_a_forgotten_person_in_a_state_is_nobody() -> None:
    written = with_keys({"owners": (PEOPLE["k1"], PEOPLE["k2"])}, KEYS.__getitem__)
    remaining = {"k2": PEOPLE["k2"]}
    assert with_people(written, lambda key: remaining.get(key, FORGOTTEN)) == {"owners": (FORGOTTEN, PEOPLE["k2"])}
