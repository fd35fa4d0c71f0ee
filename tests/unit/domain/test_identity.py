import string
import unicodedata
from itertools import permutations, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.identity import (
    NO_DIRECTORY,
    DirectoryStatus,
    People,
    identifier_in_name,
    identify,
    people_from_entries,
)
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.policy import NOT_IDENTIFIERS, Policy
from tests.builders import DIRECTORY, instance, report

GAPS = people_from_entries(
    [("AGR", "agr@octo.example"), ("DUO", "a@x.example"), ("DUO", "b@x.example")], gaps=["team B failed"]
)
ANY_NAME = st.text(st.sampled_from("aGrZ é\u0301-_2\u212a\u017fß\u00a0\t.\u200b") | st.characters(), max_size=12)
INVISIBLE = st.text(st.characters(categories=["Cf", "Zs"]) | st.sampled_from("\ufeff\u200b\u200e\u00ad \t"), min_size=1)


def expected_identifier(name: str) -> str | None:
    """Return the identifier in a name. It implements the rule a second time, letter by letter."""
    text = unicodedata.normalize("NFC", name)
    while text and (text[0].isspace() or unicodedata.category(text[0]) == "Cf"):
        text = text[1:]
    letters = "".join(takewhile(lambda letter: letter in string.ascii_letters, text))
    following = text[len(letters) : len(letters) + 1]
    if len(letters) not in {3, 4}:
        return None
    if following and unicodedata.category(following).startswith(("L", "M")):
        return None
    return letters.upper()


def tables(one: Instance) -> list[str]:
    """Return the table in which an instance stands."""
    return [table.id for table in report(one).tables if table.rows]


@given(ANY_NAME)
def test_any_name_has_the_identifier_that_the_rule_gives(name: str) -> None:
    assert identifier_in_name(name) == expected_identifier(name)


@given(INVISIBLE, ANY_NAME)
def test_invisible_characters_in_front_of_a_name_change_nothing(invisible: str, name: str) -> None:
    assert identifier_in_name(invisible + name) == identifier_in_name(name)
    assert tables(instance(1, invisible + name, age=2)) == tables(instance(1, name, age=2))


@given(INVISIBLE)
def test_a_name_in_which_nobody_sees_anything_is_blank(name: str) -> None:
    assert tables(instance(1, name, age=2)) == ["named"]


@given(ANY_NAME)
def test_the_encoding_of_accents_does_not_change_the_identifier(name: str) -> None:
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    assert identifier_in_name(forms[0]) == identifier_in_name(forms[1])


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("agr-test", "AGR"),
        ("agr_x", "AGR"),
        ("agr2", "AGR"),
        ("PADE-x", "PADE"),
        ("AGRO-x", "AGRO"),
        ("MLG DEMO", "MLG"),
        ("agr", "AGR"),
        ("  agr-x", "AGR"),
        ("workernode", None),
        ("agré-x", None),
        ("agre\u0301-x", None),
        ("agr\u20dd-x", None),
        ("ab-x", None),
        ("-agr", None),
        ("", None),
        (None, None),
    ],
)
def test_an_identifier_has_three_or_four_letters(name: str | None, identifier: str | None) -> None:
    assert identifier_in_name(name) == identifier


@pytest.mark.parametrize("word", sorted(NOT_IDENTIFIERS))
def test_a_word_that_names_machines_is_no_identifier(word: str) -> None:
    if len(word) > 2:
        assert identifier_in_name(f"{word.lower()}-1") == word
    assert identifier_in_name(f"{word.lower()}-1", NOT_IDENTIFIERS) is None


@pytest.mark.parametrize(
    ("directory", "identifier", "status"),
    [
        (DIRECTORY, "AGR", DirectoryStatus.KNOWN),
        (DIRECTORY, "NOA", DirectoryStatus.NO_ADDRESS),
        (DIRECTORY, "DUO", DirectoryStatus.CLAIMED_TWICE),
        (DIRECTORY, "ZZZ", DirectoryStatus.UNKNOWN),
        (GAPS, "AGR", DirectoryStatus.KNOWN),
        (GAPS, "DUO", DirectoryStatus.CLAIMED_TWICE),
        (GAPS, "ZZZ", DirectoryStatus.UNAVAILABLE),
        (NO_DIRECTORY, "AGR", DirectoryStatus.UNCHECKED),
    ],
)
def test_only_a_complete_directory_calls_an_identifier_unknown(
    directory: People, identifier: str, status: DirectoryStatus
) -> None:
    assert directory.status_of(identifier) is status


@pytest.mark.parametrize(("directory", "complete"), [(DIRECTORY, True), (GAPS, False), (NO_DIRECTORY, False)])
def test_only_a_directory_without_gaps_is_complete(directory: People, complete: bool) -> None:  # noqa: FBT001
    assert directory.complete is complete


def test_the_same_address_twice_is_one_person() -> None:
    twice = people_from_entries([(" agr ", " Agr@Octo.Example"), ("AGR", "agr@octo.example ")])
    assert twice.status_of("AGR") is DirectoryStatus.KNOWN
    assert twice.address_of("AGR") == "agr@octo.example"


def test_an_entry_without_address_does_not_hide_one_with() -> None:
    assert (
        people_from_entries([("AGR", None), ("AGR", "agr@octo.example"), ("AGR", " ")]).status_of("AGR")
        is DirectoryStatus.KNOWN
    )


@pytest.mark.parametrize("identifier", ["NOA", "DUO", "ZZZ"])
def test_an_identifier_without_exactly_one_address_has_none(identifier: str) -> None:
    assert DIRECTORY.address_of(identifier) is None


def test_a_person_is_found_under_every_identifier_whatever_the_case_of_the_address() -> None:
    assert people_from_entries([("AGR", "a@x.example"), ("AGRO", "A@X.example")]).identifiers_of("a@X.EXAMPLE") == {
        "AGR",
        "AGRO",
    }


def test_an_identifier_in_the_name_gives_the_person_in_the_directory() -> None:
    found = identify(instance(name="mlg-x", tags={"Owner": "agr"}), DIRECTORY, Policy())
    assert (found.identifier, found.identifier_status, found.owner_keys) == ("MLG", DirectoryStatus.KNOWN, ("MLG",))
    assert (found.addresses, found.tag) == (("mlg@octo.example",), None)


def test_without_a_directory_the_letters_decide() -> None:
    found = identify(instance(name="xyz-1"), NO_DIRECTORY, Policy())
    assert (found.owner_keys, found.identifier_status, found.addresses) == (("XYZ",), DirectoryStatus.UNCHECKED, ())


@pytest.mark.parametrize(
    ("value", "owner_key", "address"),
    [
        ("mlg", "MLG", "mlg@octo.example"),
        (" MLG ", "MLG", "mlg@octo.example"),
        ("Some.One@Octo.Example", "some.one@octo.example", "some.one@octo.example"),
        ("NOA", "NOA", None),
    ],
)
@pytest.mark.parametrize("name", [None, "prod-db", "zzz-1", "workernode"])
def test_an_owner_tag_gives_the_owner_if_the_name_does_not(
    name: str | None, value: str, owner_key: str, address: str | None
) -> None:
    found = identify(instance(name=name, tags={"owner": value}), DIRECTORY, Policy())
    assert (found.owner_keys, found.addresses, found.tag) == ((owner_key,), tuple(filter(None, [address])), "owner")


def test_owner_tags_are_used_in_the_order_of_the_policy() -> None:
    tagged = instance(name=None, tags={"owner": "AGR", "Owner": "MLG"})
    assert identify(tagged, DIRECTORY, Policy(owner_tags=("Owner", "owner"))).owner_keys == ("MLG",)
    assert identify(tagged, DIRECTORY, Policy(owner_tags=("owner", "Owner"))).owner_keys == ("AGR",)


@pytest.mark.parametrize("owner_tags", [("Owner",), ("Owner", "bailiff:owner"), ()])
@pytest.mark.parametrize("key", ["bailiff:owner", "Bailiff:Owner "])
def test_the_tag_of_bailiff_itself_comes_first(key: str, owner_tags: tuple[str, ...]) -> None:
    tagged = instance(name=None, tags={"Owner": "MLG", key: "agr@octo.example"})
    found = identify(tagged, DIRECTORY, Policy(owner_tags=owner_tags))
    assert (found.owner_keys, found.tag) == (("agr@octo.example",), key.strip())


def test_a_tag_of_bailiff_that_names_nobody_hides_no_other() -> None:
    found = identify(instance(name=None, tags={"Owner": "MLG", "bailiff:owner": "someone"}), DIRECTORY, Policy())
    assert (found.owner_keys, found.tag) == (("MLG",), "Owner")


@pytest.mark.parametrize("value", ["", "the platform team", "ZZZ", "DUO", "PROD", "a@b", "agr or mlg", "<a@b>"])
def test_an_owner_tag_without_a_usable_value_is_skipped(value: str) -> None:
    found = identify(instance(name=None, tags={"Owner": value, "owner": "agr"}), DIRECTORY, Policy())
    assert (found.owner_keys, found.tag) == (("AGR",), "owner")


@pytest.mark.parametrize(("directory", "name"), [(DIRECTORY, "duo-x"), (GAPS, "zzz-x"), (GAPS, "duo-x")])
def test_an_identifier_that_may_be_valid_is_not_replaced_by_the_owner_tag(directory: People, name: str) -> None:
    found = identify(instance(name=name, tags={"Owner": "agr"}), directory, Policy())
    assert (found.owner_keys, found.addresses, found.tag) == ((), (), None)


def test_an_owner_tag_with_an_unknown_identifier_gives_no_owner() -> None:
    assert identify(instance(name=None, tags={"Owner": "ZZZ"}), DIRECTORY, Policy()).owner_keys == ()


@given(st.text(max_size=20), st.text(max_size=60), st.sampled_from([DIRECTORY, GAPS, NO_DIRECTORY]))
def test_for_any_name_and_tag_no_owner_is_guessed(name: str, tag: str, directory: People) -> None:
    found = identify(instance(name=name, tags={"Owner": tag}), directory, Policy())
    known = {*map(directory.address_of, directory.addresses)}
    assert all(address in known or address in tag.casefold() for address in found.addresses)
    assert bool(found.addresses) <= bool(found.owner_keys)


@pytest.mark.parametrize(
    ("value", "owner_keys", "addresses"),
    [
        ("AGR, mlg@octo.example", ("AGR", "mlg@octo.example"), ("agr@octo.example", "mlg@octo.example")),
        ("ZZZ / DUO / AGR", ("AGR",), ("agr@octo.example",)),
        ("NOA, AGR", ("NOA", "AGR"), ("agr@octo.example",)),
        ("AGR, agr@octo.example", ("AGR",), ("agr@octo.example",)),
        ("agr@octo.example (AGR)", ("agr@octo.example",), ("agr@octo.example",)),
    ],
    ids=["two", "two of whom are nobody", "one without address", "one person twice", "the same, address first"],
)
def test_each_person_in_an_owner_tag_is_an_owner_once(
    value: str, owner_keys: tuple[str, ...], addresses: tuple[str, ...]
) -> None:
    found = identify(instance(name=None, tags={"Owner": value}), DIRECTORY, Policy())
    assert (found.owner_keys, found.addresses) == (owner_keys, addresses)


def test_a_person_in_an_owner_tag_who_is_nobody_is_kept_with_the_reason() -> None:
    found = identify(instance(name=None, tags={"Owner": "ZZZ, AGR"}), DIRECTORY, Policy())
    assert [(one.key, one.status) for one in found.candidates] == [
        ("ZZZ", DirectoryStatus.UNKNOWN),
        ("AGR", DirectoryStatus.KNOWN),
    ]


@pytest.mark.parametrize("key", ["OWNER", " owner", "Owner "])
def test_case_and_blanks_of_a_tags_key_do_not_matter(key: str) -> None:
    found = identify(instance(name=None, tags={"x": "MLG", key: "AGR"}), DIRECTORY, Policy(owner_tags=("oWner ",)))
    assert (found.owner_keys, found.tag) == (("AGR",), key.strip())


@pytest.mark.parametrize("keys", list(permutations(["OWNER", "Owner", "owner"])))
def test_of_equal_keys_the_exact_spelling_comes_first_then_the_alphabet_in_any_order_of_the_tags(
    keys: tuple[str, ...],
) -> None:
    tags = {key: {"OWNER": "AGR", "Owner": "MLG", "owner": "PADE"}[key] for key in keys}
    by_spelling = {
        spelling: identify(instance(name=None, tags=tags), DIRECTORY, Policy(owner_tags=(spelling,))).owner_keys
        for spelling in ("owner", "oWner")
    }
    assert by_spelling == {"owner": ("PADE",), "oWner": ("AGR",)}


def test_the_owner_tag_of_cloud9_is_read_by_default() -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/Dev/agr@octo.example"
    found = identify(instance(name="aws-cloud9-x", tags={"aws:cloud9:owner": arn}), DIRECTORY, Policy())
    assert (found.owner_keys, found.tag) == (("agr@octo.example",), "aws:cloud9:owner")


@pytest.mark.parametrize(
    ("value", "owner_keys", "addresses"),
    [
        ("new@octo.example", ("XYZ",), ("new@octo.example",)),
        ("a@x.example, b@x.example", ("a@x.example", "b@x.example"), ("a@x.example", "b@x.example")),
        ("AGR", ("XYZ",), ()),
    ],
    ids=["an address is that of the name", "of two, nobody knows whose each is", "no address"],
)
def test_without_a_directory_the_addresses_in_a_tag_are_those_of_the_owners_of_the_name(
    value: str, owner_keys: tuple[str, ...], addresses: tuple[str, ...]
) -> None:
    found = identify(instance(name="xyz-1", tags={"Owner": value}), NO_DIRECTORY, Policy())
    assert (found.identifier, found.owner_keys, found.addresses) == ("XYZ", owner_keys, addresses)


@pytest.mark.parametrize("tag", ["agr agr@octo.example", "agr@octo.example"])
def test_an_identifier_without_address_gets_nobody_elses(tag: str) -> None:
    people = people_from_entries([("HRO", None), ("AGR", "agr@octo.example")])
    found = identify(instance(1, "hro-x", tags={"Owner": tag}), people, Policy())

    assert (found.owner_keys, found.addresses) == (("HRO",), ())
