"""The value of an owner tag: whom it names, however it is written."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bailiff_bot.domain.owner_tag import owners_in_tag
from bailiff_bot.domain.policy import Policy

POLICY = Policy(owner_domain="octo.example")

NOBODY = "NONE NULL TBA TBD TODO ROOT USER SELF TEAM".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"
IDENTIFIERS = st.text(LETTERS + LETTERS.upper(), min_size=3, max_size=4).filter(
    lambda text: (
        text.upper() not in {*POLICY.not_identifiers, *NOBODY, "AND", "UND"} and not re.fullmatch("[A-Z][a-z]+", text)
    )
)
"""As people type them: `Max` beside other words is a first name."""

ADDRESSES = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9.+'_-]{0,8}[a-z0-9]@[a-z0-9]{1,5}(\.[a-z]{2,4}){1,2}", fullmatch=True)
NAMES = st.from_regex(r"[A-ZÉ][a-zéA-Z'. -]{0,12}", fullmatch=True)
PREFIXES = st.sampled_from(
    [
        "mailto:",
        "arn:aws:sts::111122223333:assumed-role/Dev/",
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0a1b/",
        "arn:aws-us-gov:iam::111122223333:user/team/ops/",
        "AssumedRole:AROAEXAMPLE:",
        "AROAEXAMPLE:",
        "IAMUser:AIDAEXAMPLE:",
    ]
)
AROUND = st.sampled_from([("", ""), ("'", "'"), ('"', '".'), ("(", ")"), ("\u201c", "\u201d"), ("<", ">"), ("", "!")])

Form = tuple[str, str]
"""What is written, and whom it means."""


def around(form: Form, marks: tuple[str, str]) -> Form:
    return marks[0] + form[0] + marks[1], form[1]


WORDS: st.SearchStrategy[Form] = st.one_of(
    st.builds(lambda text: (text, text.upper()), IDENTIFIERS),
    st.builds(lambda text: (text, text.casefold()), ADDRESSES),
    st.builds(lambda prefix, text: (prefix + text, text.casefold()), PREFIXES, ADDRESSES),
    st.sampled_from([("Ada.Granger", "ada.granger@octo.example"), ("j-p.o'neil", "j-p.o'neil@octo.example")]),
)
WORDS_IN_MARKS = st.builds(around, WORDS, AROUND)
NAMED_ADDRESSES: st.SearchStrategy[Form] = st.builds(
    lambda name, text: (f"{name} <{text}>", text.casefold()), NAMES, ADDRESSES
)
QUOTED_NAMES: st.SearchStrategy[Form] = st.builds(
    lambda last, first, text: (f'"{last}, {first}" <{text}>', text.casefold()),
    NAMES.filter(lambda name: "'" not in name),
    NAMES.filter(lambda name: "'" not in name),
    ADDRESSES,
)
FORMS = WORDS_IN_MARKS | NAMED_ADDRESSES | QUOTED_NAMES
SEPARATORS = st.sampled_from([",", ", ", ";", " ; ", "|", " | ", "/", " / "])


def joined(forms: list[Form], separators: st.DataObject, between: st.SearchStrategy[str]) -> str:
    value = forms[0][0]
    for written, _ in forms[1:]:
        value += separators.draw(between) + written
    return value


def meant(forms: list[Form]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(owner for _, owner in forms))


@given(st.lists(FORMS, min_size=1, max_size=5), st.data())
def test_each_owner_is_found_once_and_in_order_whatever_separates_them(forms: list[Form], data: st.DataObject) -> None:
    assert owners_in_tag(joined(forms, data, SEPARATORS), POLICY) == meant(forms)


@given(
    st.lists(WORDS_IN_MARKS.filter(lambda form: not form[0].startswith(("<", "("))), min_size=1, max_size=5), st.data()
)
def test_blanks_separate_owners_too(forms: list[Form], data: st.DataObject) -> None:
    value = joined(forms, data, st.sampled_from([" ", "  ", "\t"]))
    assert owners_in_tag(value, POLICY) == meant(forms)


@given(st.lists(ADDRESSES, min_size=1, max_size=4))
def test_colons_separate_addresses(addresses: list[str]) -> None:
    assert owners_in_tag(":".join(addresses), POLICY) == meant([(one, one.casefold()) for one in addresses])


@given(st.text(max_size=256) | st.text("agr@x.io:,;|/ <>\"'\u200b\u0301é.-\n", max_size=256))
def test_any_value_is_read_and_nobody_is_made_up(value: str) -> None:
    found = owners_in_tag(value, POLICY)
    assert len(found) == len(set(found))
    visible = re.sub(r"[\u200b]", "", value).casefold()
    for owner in found:
        if value.isascii():
            assert owner.casefold().removesuffix("@octo.example") in visible
        assert "@" in owner or re.fullmatch(r"[A-Z]{3,4}", owner)


@given(
    st.lists(IDENTIFIERS | st.just("wiki.page"), max_size=3),
    st.sampled_from(["platform", "Mustermann", "a", "42", "agr:x", "agré", "prod"]),
    st.data(),
)
def test_no_word_of_a_sentence_is_an_identifier(words: list[str], other_word: str, data: st.DataObject) -> None:
    sentence = " ".join(data.draw(st.permutations([*words, other_word])))
    assert owners_in_tag(sentence, POLICY) == ()
    assert owners_in_tag(f"{sentence} agr@octo.example", POLICY) == ("agr@octo.example",)
    assert owners_in_tag(f"HRO, {sentence}; mlg", POLICY) == ("HRO", "MLG")


@given(IDENTIFIERS | st.just("Ada.Granger"), ADDRESSES)
def test_the_words_in_front_of_an_address_in_brackets_are_a_name(word: str, address: str) -> None:
    assume(word.upper() not in POLICY.not_identifiers)
    assert owners_in_tag(f"{word} {word} <{address}>", POLICY) == (address.casefold(),)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ,;|/: ",
        "first.last",
        "a@b",
        "a@x.io@y.io",
        "agr@octo.example:8080",
        "git@github.com:agr/box",
        "arn:aws:iam::111122223333:user/agr",
        "arn:aws:sts::111122223333:assumed-role/Dev/agr",
        "IAMUser:AIDAEXAMPLE:agr",
        "Root:111122223333",
        "https://wiki.example/agr",
        "Finance / Ops",
    ],
)
def test_what_is_none_of_the_forms_names_nobody(value: str) -> None:
    assert owners_in_tag(value, Policy()) == ()


def test_invisible_characters_do_not_count() -> None:
    assert owners_in_tag("\ufeffagr\u200b, \u200emlg@octo\u200b.example", POLICY) == ("AGR", "mlg@octo.example")


@pytest.mark.parametrize(
    ("value", "owners"),
    [
        ("Doe, John <jd@octo.example>", ["jd@octo.example"]),
        ("Doe, John <jd@octo.example>; Roe, Jane <jr@octo.example>", ["jd@octo.example", "jr@octo.example"]),
        ("AGR, Max Frei <mf@octo.example>", ["AGR", "mf@octo.example"]),
        ("Hugo Roux hro@octo.example", ["hro@octo.example"]),
        ("John Doe (jd@octo.example)", ["jd@octo.example"]),
        ("agr@octo.example (ext)", ["agr@octo.example"]),
        ("John Doe", []),
        ("Agr", ["AGR"]),
        ("name=John,email=jd@octo.example", ["jd@octo.example"]),
        ("agr@octo.example and mlg@octo.example", ["agr@octo.example", "mlg@octo.example"]),
        ("AGR et MLG", ["AGR", "MLG"]),
        ("AGR \u2013 MLG", ["AGR", "MLG"]),
    ],
)
def test_a_persons_name_is_no_identifier(value: str, owners: list[str]) -> None:
    assert list(owners_in_tag(value, POLICY)) == owners


@pytest.mark.parametrize("word", NOBODY)
def test_a_word_for_nobody_is_no_owner(word: str) -> None:
    assert owners_in_tag(word.lower(), POLICY) == ()
