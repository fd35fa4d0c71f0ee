import pytest

from bailiff_bot.domain.identity import DirectoryStatus, Identity, people_from_entries
from bailiff_bot.domain.owner import (
    NO_OWNER_LABEL,
    NoOwner,
    Owner,
    OwnersByAddress,
    UnassignedFindings,
    findings_by_owner,
    owner_addresses,
    owner_label,
)
from tests.builders import DIRECTORY, instance, report

ADA = Owner("U1", "Ada")
MEL = Owner("U2", "Mel")
OWNERS: OwnersByAddress = {
    "agr@octo.example": ADA,
    "ada@octo.example": ADA,
    "mlg@octo.example": MEL,
    "pade@octo.example": NoOwner("a guest in Slack"),
}


def unassigned(*names: str | None, tags: dict[str, str] | None = None) -> UnassignedFindings:
    owing = report(*(instance(number, name, age=40, tags=tags) for number, name in enumerate(names, 1)))
    debts, [one] = findings_by_owner(owing, OWNERS)
    assert not debts
    return one


def test_each_owner_gets_all_findings_under_one_name() -> None:
    owing = report(instance(1, "mlg-a", age=40), instance(2, "agr-a", age=40), instance(3, "mlg-b", stopped=20))
    debts, nobody = findings_by_owner(owing, OWNERS)
    assert [(one.owner, one.owner_keys, len(one.rows)) for one in debts] == [(ADA, ("AGR",), 1), (MEL, ("MLG",), 2)]
    assert nobody == ()


def test_two_identities_that_lead_to_one_slack_user_are_one_owner() -> None:
    owing = report(instance(1, "agr-a", age=40), instance(2, None, tags={"Owner": "Ada@octo.example"}))
    [debts], _ = findings_by_owner(owing, OWNERS)
    assert (debts.owner, debts.owner_keys, len(debts.rows)) == (ADA, ("AGR", "ada@octo.example"), 2)


def test_only_addresses_of_owners_with_findings_are_looked_up() -> None:
    owing = report(instance(1, "agr-a", age=40), instance(2, "mlg-fine"), instance(3, "noa-a", age=40))
    assert owner_addresses(owing) == {"agr@octo.example"}


def test_two_people_for_one_identifier_are_both_not_notified() -> None:
    one = unassigned("duo-a", "duo-b")
    assert (one.owner_label, one.reason, len(one.rows)) == ("DUO", str(DirectoryStatus.CLAIMED_TWICE), 2)


@pytest.mark.parametrize(
    ("name", "whose", "reason"),
    [
        ("noa-x", "NOA", str(DirectoryStatus.NO_ADDRESS)),
        ("zzz-x", "ZZZ", str(DirectoryStatus.UNKNOWN)),
        ("pade-x", "PADE", "a guest in Slack"),
        (None, NO_OWNER_LABEL, "neither an identifier in the name nor an owner tag"),
        ("workernode", NO_OWNER_LABEL, "neither an identifier in the name nor an owner tag"),
    ],
)
def test_where_nobody_is_found_the_step_at_which_it_failed_is_told(name: str | None, whose: str, reason: str) -> None:
    one = unassigned(name)
    assert (one.owner_label, one.reason) == (whose, reason)


def test_a_directory_that_is_down_is_the_reason_why_nobody_is_found() -> None:
    owing = report(instance(1, "agr-x", age=40), people=people_from_entries([], gaps=["Askbob is down"]))
    _, [one] = findings_by_owner(owing, {})
    assert (one.owner_label, one.reason) == ("AGR", str(DirectoryStatus.UNAVAILABLE))


@pytest.mark.parametrize(
    ("value", "standing"), [("DUO", DirectoryStatus.CLAIMED_TWICE), ("ZZZ", DirectoryStatus.UNKNOWN)]
)
def test_an_owner_tag_that_leads_to_nobody_is_told_with_its_reason(value: str, standing: DirectoryStatus) -> None:
    one = unassigned(None, tags={"Owner": value})
    assert value in f"{one.owner_label} {one.reason}"
    assert str(standing) in one.reason


def test_every_finding_has_an_owner_or_is_listed_as_unassigned() -> None:
    names = ["agr-a", "mlg-a", "noa-a", "duo-a", "zzz-a", "pade-a", None, "workernode"]
    owing = report(*(instance(number, name, age=40) for number, name in enumerate(names, 1)), people=DIRECTORY)
    debts, nobody = findings_by_owner(owing, OWNERS)
    rows = [row for one in debts for row in one.rows] + [row for one in nobody for row in one.rows]
    assert sorted(row.instance.id for row in rows) == sorted(row.instance.id for row in owing.flagged)


@pytest.mark.parametrize(
    ("identity", "called"),
    [
        (Identity("AGR", DirectoryStatus.KNOWN, "AGR"), "AGR"),
        (Identity("ZZZ", DirectoryStatus.UNKNOWN, "a@b.example"), "a@b.example"),
        (Identity("ZZZ", DirectoryStatus.UNKNOWN, "ZZZ", DirectoryStatus.UNKNOWN), "ZZZ"),
        (Identity(None, None, None), NO_OWNER_LABEL),
    ],
)
def test_an_owner_is_called_by_what_is_known(identity: Identity, called: str) -> None:
    assert owner_label(identity) == called
