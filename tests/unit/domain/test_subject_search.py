import pytest
from hypothesis import given

from bailiff_bot.domain.subject_search import find, names
from tests.builders import ASG, PARIS, Fleet, example_count, fleets, instance, report

BOX, OTHER = instance(1, "AGR-web  box", target=PARIS), instance(2, "agr-api")
WORKERS = tuple(instance(number, "node", tags={ASG: "workers"}) for number in (3, 4))
REPORT = report(BOX, OTHER, *WORKERS)


def found(typed: str) -> list[tuple[str, str | None]]:
    return [(match.row.instance.id, match.machine.id if match.machine else None) for match in find(REPORT, typed)]


@pytest.mark.parametrize(
    "typed",
    [
        BOX.id,
        f"  {BOX.id.upper()} ",
        f"`{BOX.id}`",
        f"https://eu-west-3.console.aws.amazon.com/ec2/home?region=eu-west-3#InstanceDetails:instanceId={BOX.id}",
        f"arn:aws:ec2:eu-west-3:111122223333:instance/{BOX.id}",
        "AGR-web  box",
        "agr-WEB box",
        "\ufeffagr-web\u200b box ",
    ],
)
def test_an_instance_is_found_by_its_id_wherever_it_stands_and_by_its_name(typed: str) -> None:
    assert found(typed) == [(BOX.id, None)]


@pytest.mark.parametrize("typed", ["", "  ", "AGR", "i-", BOX.id[:-1], BOX.id + "0", "x" + BOX.id, "agr-web box 2"])
def test_a_part_of_an_id_or_a_name_is_not_enough(typed: str) -> None:
    assert found(typed) == []


def test_a_machine_is_found_with_its_controller() -> None:
    assert found(WORKERS[0].id) == [(WORKERS[0].id, WORKERS[0].id)]
    assert found(WORKERS[1].id) == [(WORKERS[0].id, WORKERS[1].id)]


@pytest.mark.parametrize("typed", ["workers", "auto-scaling group Workers", "node"])
def test_a_controller_is_found_by_its_name_and_by_the_name_that_its_machines_share(typed: str) -> None:
    assert found(typed) == [(WORKERS[0].id, None)]


def test_every_instance_with_a_name_is_found() -> None:
    judged = report(instance(1, "twin"), instance(2, "TWIN", age=90), instance(3, None))
    assert {match.row.instance.id for match in find(judged, "twin")} == {instance(1).id, instance(2).id}


@given(fleets(30))
@example_count(40)
def test_each_name_and_id_of_a_fleet_finds_the_row_that_has_it(fleet: Fleet) -> None:
    for row in fleet.report.rows:
        for one in row.instances:
            assert row in [match.row for match in find(fleet.report, one.id)]
            if one.name and find(fleet.report, one.name):
                assert row in [match.row for match in find(fleet.report, one.name)]
    assert all(find(fleet.report, name) for name in names(fleet.report) if name.startswith("i-0000"))
