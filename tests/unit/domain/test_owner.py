import pytest

from bailiff_bot.domain.identity import Identity, Standing, people
from bailiff_bot.domain.owner import NOBODY, NoOwner, Owner, Owners, Unclaimed, addresses, label, owners_of
from tests.builders import DIRECTORY, instance, report

ADA = Owner("U1", "Ada")
MEL = Owner("U2", "Mel")
OWNERS: Owners = {
    "agr@octo.example": ADA,
    "ada@octo.example": ADA,
    "mlg@octo.example": MEL,
    "pade@octo.example": NoOwner("a guest in Slack"),
}


def unclaimed(*names: str | None, tags: dict[str, str] | None = None) -> Unclaimed:
    owing = report(*(instance(number, name, age=40, tags=tags) for number, name in enumerate(names, 1)))
    debts, [one] = owners_of(owing, OWNERS)
    assert not debts
    return one


def test_each_owner_gets_all_that_is_owed_under_one_name() -> None:
    owing = report(instance(1, "mlg-a", age=40), instance(2, "agr-a", age=40), instance(3, "mlg-b", stopped=20))
    debts, nobody = owners_of(owing, OWNERS)
    assert [(one.owner, one.whose, len(one.rows)) for one in debts] == [(ADA, ("AGR",), 1), (MEL, ("MLG",), 2)]
    assert nobody == ()


def test_two_identities_that_lead_to_one_slack_user_are_one_owner() -> None:
    owing = report(instance(1, "agr-a", age=40), instance(2, None, tags={"Owner": "Ada@octo.example"}))
    [debts], _ = owners_of(owing, OWNERS)
    assert (debts.owner, debts.whose, len(debts.rows)) == (ADA, ("AGR", "ada@octo.example"), 2)


def test_only_addresses_of_those_who_owe_are_looked_for() -> None:
    owing = report(instance(1, "agr-a", age=40), instance(2, "mlg-fine"), instance(3, "noa-a", age=40))
    assert addresses(owing) == {"agr@octo.example"}


def test_two_people_for_one_identifier_are_neither_told() -> None:
    one = unclaimed("duo-a", "duo-b")
    assert (one.whose, one.reason, len(one.rows)) == ("DUO", str(Standing.CLAIMED_TWICE), 2)


@pytest.mark.parametrize(
    ("name", "whose", "reason"),
    [
        ("noa-x", "NOA", str(Standing.NO_ADDRESS)),
        ("zzz-x", "ZZZ", str(Standing.UNKNOWN)),
        ("pade-x", "PADE", "a guest in Slack"),
        (None, NOBODY, "neither an identifier in the name nor an owner tag"),
        ("workernode", NOBODY, "neither an identifier in the name nor an owner tag"),
    ],
)
def test_where_nobody_is_found_the_step_at_which_it_failed_is_told(name: str | None, whose: str, reason: str) -> None:
    one = unclaimed(name)
    assert (one.whose, one.reason) == (whose, reason)


def test_a_directory_that_is_down_is_the_reason_why_nobody_is_found() -> None:
    owing = report(instance(1, "agr-x", age=40), known=people([], gaps=["Askbob is down"]))
    _, [one] = owners_of(owing, {})
    assert (one.whose, one.reason) == ("AGR", str(Standing.UNAVAILABLE))


@pytest.mark.parametrize(("value", "standing"), [("DUO", Standing.CLAIMED_TWICE), ("ZZZ", Standing.UNKNOWN)])
def test_an_owner_tag_that_leads_to_nobody_is_told_with_its_reason(value: str, standing: Standing) -> None:
    one = unclaimed(None, tags={"Owner": value})
    assert value in f"{one.whose} {one.reason}"
    assert str(standing) in one.reason


def test_all_that_is_owed_is_somebodys_or_listed_as_nobodys() -> None:
    names = ["agr-a", "mlg-a", "noa-a", "duo-a", "zzz-a", "pade-a", None, "workernode"]
    owing = report(*(instance(number, name, age=40) for number, name in enumerate(names, 1)), known=DIRECTORY)
    debts, nobody = owners_of(owing, OWNERS)
    rows = [row for one in debts for row in one.rows] + [row for one in nobody for row in one.rows]
    assert sorted(row.instance.id for row in rows) == sorted(row.instance.id for row in owing.owing)


@pytest.mark.parametrize(
    ("identity", "called"),
    [
        (Identity("AGR", Standing.KNOWN, "AGR"), "AGR"),
        (Identity("ZZZ", Standing.UNKNOWN, "a@b.example"), "a@b.example"),
        (Identity("ZZZ", Standing.UNKNOWN, "ZZZ", Standing.UNKNOWN), "ZZZ"),
        (Identity(None, None, None), NOBODY),
    ],
)
def test_an_owner_is_called_by_what_is_known(identity: Identity, called: str) -> None:
    assert label(identity) == called
