from collections.abc import Iterable
from datetime import timedelta

import pytest

from bailiff_bot.domain.identity import Candidate, DirectoryStatus, Identity, people_from_entries
from bailiff_bot.domain.owner import (
    NO_OWNER_LABEL,
    NoOwner,
    Owner,
    OwnersByAddress,
    UnassignedFindings,
    findings_by_owner,
    owner_addresses,
    owner_label,
    possible_findings,
)
from bailiff_bot.domain.report import Row, judge
from bailiff_bot.domain.snapshot import Snapshot
from tests.builders import DEFAULT_POLICY, DIRECTORY, NOW, instance, inventory, report, short_id
from tests.unit.ownership_claims import disclaimer, ownership

ADA = Owner("U1", "Ada")
MEL = Owner("U2", "Mel")
OWNERS: OwnersByAddress = {
    "agr@octo.example": ADA,
    "ada@octo.example": ADA,
    "mlg@octo.example": MEL,
    "pade@octo.example": NoOwner("a guest in Slack"),
}


def unassigned_findings(*names: str | None, tags: dict[str, str] | None = None) -> UnassignedFindings:
    found = report(*(instance(number, name, age=40, tags=tags) for number, name in enumerate(names, 1)))
    owner_findings, [one] = findings_by_owner(found, OWNERS)
    assert not owner_findings
    return one


def test_each_owner_gets_all_findings_together() -> None:
    found = report(instance(1, "mlg-a", age=40), instance(2, "agr-a", age=40), instance(3, "mlg-b", stopped=20))
    owner_findings, unassigned = findings_by_owner(found, OWNERS)
    assert [(one.owner, one.owner_keys, len(one.rows)) for one in owner_findings] == [
        (ADA, ("AGR",), 1),
        (MEL, ("MLG",), 2),
    ]
    assert unassigned == ()


def test_two_identities_that_lead_to_one_slack_user_are_one_owner() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, None, tags={"Owner": "Ada@octo.example"}))
    [owner_findings], _ = findings_by_owner(found, OWNERS)
    assert (owner_findings.owner, owner_findings.owner_keys, len(owner_findings.rows)) == (
        ADA,
        ("AGR", "ada@octo.example"),
        2,
    )


def test_an_instance_with_several_owners_is_among_the_findings_of_each() -> None:
    found = report(instance(1, "box", tags={"Owner": "MLG, AGR"}), instance(2, "mlg-a", age=40))
    owner_findings, unassigned = findings_by_owner(found, OWNERS)
    assert [(one.owner, ids_of(one.rows)) for one in owner_findings] == [(ADA, ["1"]), (MEL, ["1", "2"])]
    assert unassigned == ()


def test_an_owner_who_cannot_be_found_does_not_hide_the_others_and_is_named_with_the_reason() -> None:
    found = report(instance(1, "box", tags={"Owner": "pade@octo.example, ZZZ, AGR"}))
    [one], unassigned = findings_by_owner(found, OWNERS)
    assert (one.owner, ids_of(one.rows)) == (ADA, ["1"])
    assert [(group.owner_label, group.reason, ids_of(group.rows)) for group in unassigned] == [
        ("ZZZ", str(DirectoryStatus.UNKNOWN), ["1"]),
        ("pade@octo.example", "a guest in Slack", ["1"]),
    ]


def test_two_owners_of_an_instance_who_are_one_slack_user_have_it_once() -> None:
    found = report(instance(1, "box", tags={"Owner": "agr@octo.example, ada@octo.example"}))
    [one], _ = findings_by_owner(found, OWNERS)
    assert (one.owner_keys, ids_of(one.rows)) == (("ada@octo.example", "agr@octo.example"), ["1"])


def ids_of(rows: Iterable[Row]) -> list[str]:
    return sorted(short_id(row.instance) for row in rows)


def test_only_addresses_of_owners_with_findings_are_looked_up() -> None:
    found = report(instance(1, "agr-a", age=40), instance(2, "mlg-fine"), instance(3, "noa-a", age=40))
    assert owner_addresses(found) == {"agr@octo.example"}


def test_an_identifier_of_two_people_is_unassigned() -> None:
    one = unassigned_findings("duo-a", "duo-b")
    assert (one.owner_label, one.reason, len(one.rows)) == ("DUO", str(DirectoryStatus.CLAIMED_TWICE), 2)


@pytest.mark.parametrize(
    ("name", "label", "reason"),
    [
        ("noa-x", "NOA", str(DirectoryStatus.NO_ADDRESS)),
        ("zzz-x", "ZZZ", str(DirectoryStatus.UNKNOWN)),
        ("pade-x", "PADE", "a guest in Slack"),
        (None, NO_OWNER_LABEL, "neither an identifier in the name nor an owner tag"),
        ("workernode", NO_OWNER_LABEL, "neither an identifier in the name nor an owner tag"),
    ],
)
def test_unassigned_findings_name_the_step_that_failed(name: str | None, label: str, reason: str) -> None:
    one = unassigned_findings(name)
    assert (one.owner_label, one.reason) == (label, reason)


def test_findings_are_unassigned_because_the_directory_is_down() -> None:
    found = report(instance(1, "agr-x", age=40), people=people_from_entries([], gaps=["Askbob is down"]))
    _, [one] = findings_by_owner(found, {})
    assert (one.owner_label, one.reason) == ("AGR", str(DirectoryStatus.UNAVAILABLE))


@pytest.mark.parametrize(
    ("value", "status"), [("DUO", DirectoryStatus.CLAIMED_TWICE), ("ZZZ", DirectoryStatus.UNKNOWN)]
)
def test_an_owner_tag_that_gives_no_owner_is_named_with_the_reason(value: str, status: DirectoryStatus) -> None:
    one = unassigned_findings(None, tags={"Owner": value})
    assert value in f"{one.owner_label} {one.reason}"
    assert str(status) in one.reason


def test_every_finding_has_an_owner_or_is_listed_as_unassigned() -> None:
    names = ["agr-a", "mlg-a", "noa-a", "duo-a", "zzz-a", "pade-a", None, "workernode"]
    found = report(*(instance(number, name, age=40) for number, name in enumerate(names, 1)), people=DIRECTORY)
    owner_findings, unassigned = findings_by_owner(found, OWNERS)
    rows = [row for one in owner_findings for row in one.rows] + [row for one in unassigned for row in one.rows]
    assert sorted(row.instance.id for row in rows) == sorted(row.instance.id for row in found.flagged)


@pytest.mark.parametrize(
    ("identity", "label"),
    [
        (Identity("AGR", DirectoryStatus.KNOWN, (Candidate("AGR"),)), "AGR"),
        (Identity("ZZZ", DirectoryStatus.UNKNOWN, (Candidate("a@b.example"),)), "a@b.example"),
        (Identity("ZZZ", DirectoryStatus.UNKNOWN, (Candidate("ZZZ", DirectoryStatus.UNKNOWN),)), "ZZZ"),
        (Identity(None, None, (Candidate("AGR"), Candidate("a@b.example"))), "AGR, a@b.example"),
        (Identity(None, None), NO_OWNER_LABEL),
    ],
)
def test_an_owner_label_names_every_owner(identity: Identity, label: str) -> None:
    assert owner_label(identity) == label


def test_what_everybody_said_is_not_theirs_is_unassigned_by_who_said_it_on_which_day() -> None:
    boxes = [instance(number, f"agr-{number}", age=40) for number in range(1, 5)]
    said = [disclaimer(boxes[0]), disclaimer(boxes[1]), disclaimer(boxes[2], said_at=NOW - timedelta(days=1))]
    nameless = instance(5, None)
    snapshot = Snapshot(inventory([*boxes, nameless]), DIRECTORY)
    judged = judge(snapshot, DEFAULT_POLICY, NOW, ownership=ownership(*said))
    [ada], unassigned = findings_by_owner(judged, OWNERS)
    assert ids_of(ada.rows) == ["4"]
    assert sorted((sorted(ids_of(one.rows)), len(one.disclaimers)) for one in unassigned) == [
        (["1", "2"], 1),
        (["3"], 1),
        (["5"], 0),
    ]
    assert {one.owner_label for one in unassigned} == {NO_OWNER_LABEL}


def test_what_nobody_owns_may_be_anybodys_but_theirs_who_said_no() -> None:
    box, nameless = instance(1, "agr-1", age=40), instance(2, None)
    snapshot = Snapshot(inventory([box, nameless]), DIRECTORY)
    _, unassigned = findings_by_owner(judge(snapshot, DEFAULT_POLICY, NOW, ownership=ownership(disclaimer(box))), {})
    possible = {user: {key.subject.id for key in possible_findings(unassigned, user)} for user in ("U1", "U2")}
    assert possible == {"U1": {nameless.id}, "U2": {box.id, nameless.id}}
