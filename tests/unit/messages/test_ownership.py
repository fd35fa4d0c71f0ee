"""What people said of who owns an instance, in words: in the digest, and step by step in `/bailiff why`."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bailiff_bot.domain.explanation import explain
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.notification import NotificationHistory
from bailiff_bot.domain.owner import NoOwner
from bailiff_bot.domain.ownership import Assignment, Disclaimer
from bailiff_bot.domain.report import OtherTable, judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.messages.document import text_of
from bailiff_bot.messages.explained_owner import owner_lines
from bailiff_bot.messages.ownership import disclaimed_text
from bailiff_bot.render.columns import columns
from tests.builders import DEFAULT_POLICY, DIRECTORY, NOW, instance, inventory
from tests.unit.ownership_claims import assignment, disclaimer, ownership

BOX = instance(1, "agr-box", age=40)
TAGGED = instance(1, "agr-box", age=40, tags={"Owner": "mlg@octo.example"})
MEL = "mlg@octo.example"
SAID = (
    "Agr Granger, said on 2026-11-23 09:00 UTC; ends on 2026-12-07 09:00 UTC, or when the name or an owner tag changes"
)
ASSIGNED = (
    "Mlg Gray, by Tri Age on 2026-11-23 09:00 UTC; ends when the name or an owner tag changes, when somebody else is "
    "assigned, or when Mlg Gray says “not mine”"
)


def test_the_reason_names_who_said_it_on_which_day() -> None:
    said = (disclaimer(BOX), disclaimer(BOX, "mlg", NOW + timedelta(days=5)))
    assert disclaimed_text(said[:1], UTC) == "Agr Granger said on 23 Nov that it is not theirs"
    assert disclaimed_text(said, UTC) == "Agr Granger (23 Nov) and Mlg Granger (28 Nov) said that it is not theirs"


def test_a_name_stays_on_its_line() -> None:
    hostile = replace(disclaimer(BOX), name="Ada\n\u202eGranger")
    assert disclaimed_text((hostile,), UTC).startswith("AdaGranger said on")


def chain(of: Instance, *said: Disclaimer | Assignment) -> list[str]:
    judged = judge(Snapshot(inventory([of]), DIRECTORY), DEFAULT_POLICY, NOW, ownership=ownership(*said))
    [row] = judged.flagged
    owners = dict.fromkeys(row.identity.addresses, NoOwner("a guest"))
    explained = explain(row, judged, NotificationHistory(owners=owners))
    return ["".join(map(text_of, line)) for line in owner_lines(explained.owner, UTC)]


@pytest.mark.parametrize(
    ("of", "said", "expected"),
    [
        (
            BOX,
            [disclaimer(BOX)],
            [
                f"Not mine: {SAID}",
                "Identifier in the name: AGR; not used, because of what people said",
                "Directory: AGR, known to the directory",
                "Owner tags: none of bailiff:owner, Owner, aws:cloud9:owner",
                "no owner: who is named said that it is not theirs",
            ],
        ),
        (
            TAGGED,
            [disclaimer(TAGGED)],
            [
                f"Not mine: {SAID}",
                "Identifier in the name: AGR; not used, because of what people said",
                "Directory: AGR, known to the directory",
                "Tag Owner: “mlg@octo.example” names mlg@octo.example; this tag counts",
                "mlg@octo.example: nobody in Slack (mlg@octo.example): a guest",
            ],
        ),
        (
            TAGGED,
            [disclaimer(TAGGED), assignment(TAGGED)],
            [
                f"Assigned: {ASSIGNED}",
                f"Not mine: {SAID}",
                "Identifier in the name: AGR; not used, because of what people said",
                "Directory: AGR, known to the directory",
                f"Tag Owner: “{MEL}” names {MEL}; not used, because the assigned owner counts first",
                "MLG: nobody in Slack (mlg@octo.example): a guest",
            ],
        ),
    ],
)
def test_the_chain_says_who_said_what_and_what_ends_it(
    of: Instance, said: list[Disclaimer | Assignment], expected: list[str]
) -> None:
    assert chain(of, *said) == expected


@pytest.mark.parametrize("said", [disclaimer(BOX), assignment(BOX)])
def test_a_table_shows_the_owners_if_they_are_not_those_of_the_names(said: Disclaimer | Assignment) -> None:
    judged = judge(Snapshot(inventory([BOX]), DIRECTORY), DEFAULT_POLICY, NOW, ownership=ownership(said))
    [row] = judged.flagged
    [owner] = [one for one in columns(judged, RuleId.STOPPED_WHEN_UNUSED, UTC) if one.heading == "Owner"]
    assert owner.text(row) == ("MLG" if row.identity.assignment else "-")
    assert "Owner" not in {one.heading for one in columns(judged, OtherTable.LEGIT, UTC)}
