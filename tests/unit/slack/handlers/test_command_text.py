"""Whatever is typed is a command or is answered with what was meant; a button's value is read back strictly."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bailiff_bot.domain.cost_floor import CostFloor
from bailiff_bot.domain.report_filter import ReportFilter, ReportQuery, View
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.errors import Refused
from bailiff_bot.messages.answers import unknown_filter, usage, wrong_cost
from bailiff_bot.messages.rule_texts import rule_words
from bailiff_bot.slack.handlers.command_text import (
    MAX_FILTERS,
    Command,
    HelpCommand,
    QueryCommand,
    TooManyFilters,
    UnknownCommand,
    UnknownFilter,
    WhyCommand,
    WrongCost,
    parse,
    query_of_value,
)
from bailiff_bot.slack.handlers.typed_words import Mention
from tests.builders import HOSTILE_TEXTS
from tests.message_checks import check_message, rendered

WORDS = st.sampled_from(
    [
        *HOSTILE_TEXTS,
        *(
            "report",
            "mine",
            "exemptions",
            "help",
            "MINE",
            "AGR",
            "agr-x",
            " ",
            "eu-west-1",
            "abandoned",
            "111122223333",
        ),
        *("<@U0AGR00001|ada>", "<@U0AGR00001>", "<mailto:agr@octo.example|agr@octo.example>", "“", "long running"),
        *("cost", "cost>100", "&gt;", "&gt;=", "$", "1,000", "cost &gt; $1,000.50", "cost>x", "≥"),
        *("@ada", "region", "not", "allowed", "<", ">", "|", "&amp;", "a@b.example"),
    ]
)
TYPED = st.lists(WORDS | st.text(max_size=300), max_size=8).map("".join)
SPACED = st.lists(WORDS | st.text(max_size=20), max_size=12).map(" ".join)
REGIONS = ("eu-west-1", "us-gov-west-1", "ap-southeast-12", "cn-north-1", "us-isob-east-1")
FILTERS = st.builds(
    ReportFilter,
    owners=st.lists(
        st.sampled_from(["AGR", "PADE", "bensaïd@octo.example", "a&b@octo.example"]) | st.emails().map(str.casefold),
        max_size=2,
        unique=True,
    ).map(tuple),
    accounts=st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True), max_size=1).map(tuple),
    regions=st.lists(st.sampled_from(REGIONS), max_size=2, unique=True).map(tuple),
    rules=st.lists(st.sampled_from(RuleId), max_size=2, unique=True).map(tuple),
    cost=st.none() | st.builds(CostFloor, st.decimals(0, 10**11, places=2), st.booleans()),
).filter(lambda wanted: len(wanted.words) < MAX_FILTERS)
QUERIES = st.builds(ReportQuery, st.sampled_from(View), FILTERS)


def escaped(text: str) -> str:
    """Return a text as Slack escapes it for the bot."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def report(*users: Mention, **fields: Any) -> QueryCommand:
    return QueryCommand(ReportQuery(View.REPORT, ReportFilter(**fields)), users)


def mine(*users: Mention, **fields: Any) -> QueryCommand:
    return QueryCommand(ReportQuery(View.MINE, ReportFilter(**fields)), users)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("report", report()),
        ("  REPORT ", report()),
        ("“report”", report()),
        ("mine", mine()),
        ("Mine agr", mine(owners=("AGR",))),
        ("mine\tPADE", mine(owners=("PADE",))),
        ("help", HelpCommand()),
        ("", UnknownCommand("")),
        ("   ", UnknownCommand("")),
        ("<@U0AGR00001|ada>", UnknownCommand("<@U0AGR00001|ada>")),
        ("reprot eu-west-1", UnknownCommand("reprot eu-west-1")),
        ("raport", UnknownCommand("raport")),
        ("help me", UnknownCommand("help me")),
        ("h&lt;lp", UnknownCommand("h<lp")),
        ("&amp;lt;", UnknownCommand("&lt;")),
    ],
)
def test_a_text_is_parsed_or_returned_as_unknown(typed: str, command: Command) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("eu-west-1 AGR", report(regions=("eu-west-1",), owners=("AGR",))),
        ("agr EU-West-1", report(regions=("eu-west-1",), owners=("AGR",))),
        ("eu-west-1 eu-west-3, eu-west-1", report(regions=("eu-west-1", "eu-west-3"))),
        ("eu\u2013west\u20111", report(regions=("eu-west-1",))),
        ("123456789012 abandoned", report(accounts=("123456789012",), rules=(RuleId.DELETED_WHEN_ABANDONED,))),
        ("1234-5678-9012", report(accounts=("123456789012",))),
        ("deleted-when-abandoned", report(rules=(RuleId.DELETED_WHEN_ABANDONED,))),
        ("Long Running agr", report(rules=(RuleId.STOPPED_WHEN_UNUSED,), owners=("AGR",))),
        ("“long running”", report(rules=(RuleId.STOPPED_WHEN_UNUSED,))),
        ("region not allowed", report(rules=(RuleId.ALLOWED_REGION,))),
        ("no identifier; unnamed", report(rules=(RuleId.OWNED, RuleId.NAMED))),
        ("<@U0AGR00001|ada>", report(Mention("U0AGR00001", "ada"))),
        ("<@W0AGR00001>,<@W0AGR00001>", report(Mention("W0AGR00001"))),
        ("agr <@U1|a &amp; b> eu-west-1", report(Mention("U1", "a & b"), regions=("eu-west-1",), owners=("AGR",))),
        ("<mailto:Agr@Octo.example|Agr@Octo.example>", report(owners=("agr@octo.example",))),
        ("<mailto:agr@octo.example>", report(owners=("agr@octo.example",))),
        ("agr@octo.example.", report(owners=("agr@octo.example",))),
        ("a&amp;b@octo.example", report(owners=("a&b@octo.example",))),
        ("\u201cAGR\u201d \u2018eu-west-1\u2019", report(regions=("eu-west-1",), owners=("AGR",))),
        ("\u200bAGR\u2069 `eu-west-1`", report(regions=("eu-west-1",), owners=("AGR",))),
        ("AGR\u00a0eu-west-1", report(regions=("eu-west-1",), owners=("AGR",))),
    ],
)
def test_filters_are_read_however_they_are_typed(typed: str, command: Command) -> None:
    assert parse(f"report {typed}") == command


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("report ab", "ab"),
        ("mine agré", "agré"),
        ("report AGR eu-west", "eu-west"),
        ("report eu-west-1a", "eu-west-1a"),
        ("report @ada", "@ada"),
        ("report &lt;@U0AGR00001&gt;", "<@U0AGR00001>"),
        ("report 12345678901", "12345678901"),
        ("report ١٢٣٤٥٦٧٨٩٠١٢", "١٢٣٤٥٦٧٨٩٠١٢"),
        ("report agr@octo", "agr@octo"),
        (f"mine {'x' * 300}@octo.example", f"{'x' * 300}@octo.example"),
        ("report <!channel>", "channel"),
        ("report <#C1|general>", "general"),
        ("report idle-machines", "idle-machines"),
    ],
)
def test_a_word_that_is_no_filter_is_named(typed: str, word: str) -> None:
    assert parse(typed) == UnknownFilter(word)


OVER_100, FROM_1000 = CostFloor(Decimal(100)), CostFloor(Decimal(1000), inclusive=True)
TYPED_OVER_100 = (
    *("cost&gt;100", "Cost &gt; 100", "costs&gt; $100.", "“cost&gt;$100”", "cost&gt;100.00", "`cost&gt;100`"),
    "cost &gt;100; cost&gt;$100",
)
WRONG_COSTS = (
    *("cost>", "cost>x", "cost>1,00", "cost>10,00,000", "cost<100", "cost=100", "cost=>100", "cost>100k", "cost>-5"),
    *("cost>100.999", "cost>1.000", ">100", ">=$100", "$100", f"cost>{'9' * 13}"),
    "cost>\u0661\u0660\u0660",  # the digits of another script
)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        *((typed, report(cost=OVER_100)) for typed in TYPED_OVER_100),
        *((typed, report(cost=FROM_1000)) for typed in ("cost&gt;=1000", "cost &gt;= $ 1,000", "cost≥1,000.0")),
        ("cost&gt;99.5", report(cost=CostFloor(Decimal("99.5")))),
        ("cost&gt;0", report(cost=CostFloor(Decimal(0)))),
        ("cost&gt;100,AGR,eu-west-1", report(cost=OVER_100, owners=("AGR",), regions=("eu-west-1",))),
        ("agr cost &gt;100 111122223333", report(cost=OVER_100, owners=("AGR",), accounts=("111122223333",))),
        ("long running cost&gt;100", report(cost=OVER_100, rules=(RuleId.STOPPED_WHEN_UNUSED,))),
        ("COST", report(owners=("COST",))),
        ("cost.center@octo.example", report(owners=("cost.center@octo.example",))),
    ],
)
def test_a_cost_is_read_however_it_is_typed(typed: str, command: Command) -> None:
    assert parse(f"report {typed}") == command


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        *zip(WRONG_COSTS, WRONG_COSTS, strict=True),
        *(("cost > agr", "cost>agr"), ("cost $100", "cost$100"), ("AGR cost > 1e3", "cost>1e3")),
        *(("cost>100 cost>200", "cost>100 cost>200"), ("cost>100 AGR cost>=100", "cost>100 cost>=100")),
    ],
)
def test_a_cost_that_cannot_be_read_is_repeated_with_the_correct_form(typed: str, words: str) -> None:
    assert parse(f"report {escaped(typed)}") == WrongCost(words)
    assert wrong_cost(words).summary == (
        f"Bailiff cannot filter by the cost “{words}”. Type one, as cost>100 or cost>=100, in dollars a month."
    )


@given(
    st.builds(CostFloor, st.decimals(0, 10**12 - 1, places=2), st.booleans()),
    st.lists(st.sampled_from(["", " ", "  "]), min_size=3, max_size=3),
)
def test_each_amount_is_read_with_and_without_separators(floor: CostFloor, blanks: list[str]) -> None:
    operator, usd = ">=" if floor.inclusive else ">", floor.usd
    for amount in (f"{usd:,f}", f"{usd:f}", f"{usd.normalize():f}"):
        typed = f"report cost{blanks[0]}{operator}{blanks[1]}${blanks[2]}{amount}"
        assert parse(escaped(typed)) == report(cost=floor)


def test_a_report_has_a_limited_number_of_filters() -> None:
    letters = "ABCDEFGH"
    assert parse("report " + " ".join(f"AG{letter}" for letter in letters[:MAX_FILTERS])) == report(
        owners=tuple(f"AG{letter}" for letter in letters[:MAX_FILTERS])
    )
    assert parse("report " + " ".join(f"AG{letter}" for letter in letters)) == TooManyFilters()
    assert parse("report" + " a" * 20_000) == TooManyFilters()


@given(TYPED | SPACED | SPACED.map("report {}".format) | TYPED.map("mine {}".format))
@example("\x00")
@example("&#xD800;")
@example("&#99999999;")
@example("report <@U1|>")
@example("report <@U1|&#xD800;>")
@example("report <|>")
def test_any_text_is_answered(typed: str) -> None:
    match parse(typed):
        case UnknownCommand(words):
            check_message(rendered(usage(words)))
        case UnknownFilter(word):
            check_message(rendered(unknown_filter(word, rule_words())))
        case WrongCost(words):
            check_message(rendered(wrong_cost(words)))
        case QueryCommand(query):
            assert query_of_value(query.text) == query


@given(TYPED)
def test_an_unknown_text_is_returned_unchanged(typed: str) -> None:
    command = parse(escaped(typed))
    assert not isinstance(command, UnknownCommand) or command.words == typed.strip()


@given(QUERIES)
def test_a_query_is_what_its_text_means_as_the_value_of_a_button(query: ReportQuery) -> None:
    assert query_of_value(query.text) == query
    assert len(query.text) <= 2_000


@given(st.builds(ReportQuery, st.sampled_from(View), FILTERS.map(lambda one: replace(one, owners=("b&a@a.fr",)))))
def test_the_text_of_a_query_can_be_typed(query: ReportQuery) -> None:
    assert parse(escaped(query.text)) == QueryCommand(query)


@pytest.mark.parametrize(
    "value",
    [
        *("", "everyone", "AGR", "agr@octo.example", "help", "report ", " report", "Report", "report  AGR"),
        *("report agr", "report eu-west-1 AGR", "report AGR AGR", "report abandoned", "report <@U1|ada>", "mine agr\n"),
        *("report cost>100.0", "report cost > 100", "report cost>1,000", "report cost≥100", "report cost>100 cost>100"),
        *("report 1111-2222-3333", "report “AGR”", "report AGR,", "report &amp;", "report nothing"),
        "report" + " AGR" * 9,
    ],
)
def test_a_value_that_bailiff_does_not_write_is_refused(value: str) -> None:
    with pytest.raises(Refused, match="Type the command again"):
        query_of_value(value)


@given(TYPED | SPACED)
def test_any_value_is_read_or_refused(value: str) -> None:
    try:
        assert query_of_value(value).text == value
    except Refused:
        assert True


def test_no_word_means_two_filters() -> None:
    for word in (*rule_words(), *REGIONS, "AGR", "PADE", "111122223333", "a@b.example"):
        command = parse(f"report {word}")
        assert isinstance(command, QueryCommand)
        assert len(command.query.filter.words) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("/bailiff report", "/bailiff report eu-west-1 AGR", "/bailiff mine", "/bailiff mine AGR"),
        *("/bailiff why agr-web", "/bailiff help"),
    ],
)
def test_every_command_of_the_help_is_known(text: str) -> None:
    assert isinstance(parse(text.removeprefix("/bailiff")), QueryCommand | WhyCommand | HelpCommand)
    assert text in rendered(usage(None)).plain


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ("why i-0123456789abcdef0", "i-0123456789abcdef0"),
        ("  WHY  agr web box ", "agr web box"),
        ("why \u201cagr-web\u201d", "agr-web"),
        ("why `agr-web`", "agr-web"),
        ("why <http://hro.gateway.io|hro.gateway.io>", "hro.gateway.io"),
        ("why agr-<http://web.com|web.com>-1", "agr-web.com-1"),
        (
            "why <https://x.example/#InstanceDetails:instanceId=i-01>",
            "https://x.example/#InstanceDetails:instanceId=i-01",
        ),
        ("why <mailto:agr@octo.example|agr@octo.example>", "agr@octo.example"),
        ("why agr-&lt;!channel&gt; &amp; co", "agr-<!channel> & co"),
        ("why agr, mlg; b", "agr, mlg; b"),
        ("why", ""),
        ("why\tagr-web", "agr-web"),
    ],
)
def test_why_keeps_the_name_as_it_was_typed(typed: str, subject: str) -> None:
    assert parse(typed) == WhyCommand(subject)


@pytest.mark.parametrize("typed", ["whyever", "why-not agr", "wy agr"])
def test_why_is_a_whole_word(typed: str) -> None:
    assert parse(typed) == UnknownCommand(typed)


@given(st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=50))
def test_any_name_without_quotes_around_it_is_read_as_it_is(name: str) -> None:
    command = parse(f"why {escaped(name)}")
    assert isinstance(command, WhyCommand)
    assert command.subject in name
    assert (
        len(command.subject) == len(name) or name.strip() != name or not name[:1].isalnum() or not name[-1:].isalnum()
    )
