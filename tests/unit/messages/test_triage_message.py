"""The message of triage: which instance, who says that it is not theirs, and what became of it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.triage import TriageItem, triage_item
from bailiff_bot.messages.buttons import ASSIGN
from bailiff_bot.messages.document import Document, Item, text_of
from bailiff_bot.messages.triage_message import triage_message
from bailiff_bot.slack.blocks.render import render
from tests.builders import ASG, HOSTILE_TEXTS, NOW, instance, report
from tests.unit.triage_claims import DAY, assignment, disclaimer

WEB, DB = instance(1, "agr-web", age=40), instance(2, "agr-db", age=41)
REPORT = report(WEB, DB)
ZONE = Policy().zone


def item(found: Instance, *, assigned: bool = False, until: int = 14, name: str = "Ada") -> TriageItem:
    said = disclaimer(found, until=NOW + until * DAY, name=name)
    decided = (assignment(found, NOW + timedelta(hours=1)),) if assigned else ()
    row = next((row for row in REPORT.rows if row.instance.id == found.id), None)
    return triage_item(said, decided, row, Policy(), NOW + DAY)


def message(*items: TriageItem) -> Document:
    keys = {one.disclaimer.subject: f"key of {one.disclaimer.title}" for one in items if one.state == "open"}
    return triage_message(items, REPORT, ZONE, keys)


def texts(document: Document) -> list[str]:
    return ["".join(map(text_of, part.line)) for part in document.parts if isinstance(part, Item)]


def buttons(document: Document) -> list[str]:
    parts = (part for part in document.parts if isinstance(part, Item))
    return [button.key for part in parts for button in part.buttons.buttons]


def test_an_instance_says_what_is_wrong_and_who_says_that_it_is_not_theirs() -> None:
    document = message(item(WEB))
    [text] = texts(document)
    said = "Ada says that it is not theirs (23 Nov, 09:00 UTC)."
    assert text.splitlines() == [
        f"agr-web ({WEB.id}): running for 40 days · t3.micro in eu-west-1 · AGR",
        f"{said} If nobody assigns it, it counts as theirs again after 2026-12-07.",
    ]
    assert document.headline == "1 instance needs an owner"
    assert buttons(document) == [ASSIGN]
    assert document.summary == f"1 instance needs an owner: agr-web ({WEB.id})."


def test_what_they_wrote_is_shown_on_one_line() -> None:
    [text] = texts(message(replace(item(WEB), words="ask Mel\n<!channel>")))
    assert "Ada says that it is not theirs: ask Mel<!channel> (23 Nov" in text


def test_several_people_of_one_instance_are_one_item() -> None:
    document = message(item(WEB), item(DB), item(WEB, name="Mel"))
    assert len(texts(document)) == 2
    assert "Ada says" in texts(document)[0]
    assert "Mel says" in texts(document)[0]
    assert document.headline == "2 instances need an owner"


def test_what_was_decided_stays_and_its_button_goes() -> None:
    document = message(item(WEB, assigned=True), item(DB))
    assert "Max assigned it to Mel (23 Nov, 10:00 UTC)." in texts(document)[0]
    assert document.headline == "1 instance needs an owner"
    assert buttons(document) == [ASSIGN]


def test_an_assignment_is_told_once_for_all_who_said_it() -> None:
    document = message(item(WEB, assigned=True), item(WEB, assigned=True, name="Mel"))
    assert texts(document)[0].splitlines()[1:] == [
        "Ada says that it is not theirs (23 Nov, 09:00 UTC).",
        "Mel says that it is not theirs (23 Nov, 09:00 UTC).",
        "Max assigned it to Mel (23 Nov, 10:00 UTC).",
    ]


def test_once_all_is_decided_the_headline_says_so() -> None:
    assert message(item(WEB, assigned=True)).headline == "It is settled whose this is"
    assert "Nobody assigned it" in texts(message(item(WEB, until=1)))[0]
    assert message(item(WEB, assigned=True), item(DB, until=1)).headline == "It is settled whose these 2 are"


def test_an_instance_that_is_not_in_the_report_is_named_as_it_was() -> None:
    assert texts(message(item(instance(9, "agr-gone"))))[0].startswith("agr-gone (i-00000000000000009): not found in")


def test_an_instance_that_breaks_no_rule_any_more_says_so() -> None:
    healthy = instance(3, "agr-new")
    row = next(report(healthy).rows)
    found = triage_item(disclaimer(healthy), (), row, Policy(), NOW)
    assert "breaks no rule now · t3.micro in eu-west-1" in texts(message(found))[0]


@given(st.sampled_from(HOSTILE_TEXTS))
def test_hostile_names_are_only_text(name: str) -> None:
    payload = render(message(item(WEB, name=f"Ada {name}")))
    assert "<!channel>" not in str(payload["blocks"][1].get("text", ""))
    assert len(texts(message(item(WEB, name=f"Ada {name}")))[0].split("\n")) == 2


def test_a_controller_is_named_with_its_machines() -> None:
    found = report(instance(5, "agr-web", age=40, tags={ASG: "agr-web"}))
    controller = next(row for row in found.rows if row.controller)
    document = triage_message([triage_item(disclaimer(WEB), (), controller, Policy(), NOW)], found, ZONE, {})
    assert "agr-web, 1 machine: running for 40 days" in texts(document)[0]
