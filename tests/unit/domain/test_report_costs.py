"""Each row that breaks a rule has a cost, by the prices of the snapshot."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.grants import Grant, Grants, live_grants
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import Price, Prices
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.volume import Volume
from tests.builders import ASG, DEFAULT_POLICY, DIRECTORY, IRELAND, NOW, instance, inventory

COMPUTE = PriceKey(PriceKind.COMPUTE, "eu-west-1", "t3.micro", "RunInstances", "Shared")
GP2 = PriceKey(PriceKind.STORAGE, "eu-west-1", "gp2")
PRICES = Prices({COMPUTE: Price(Decimal("0.01")), GP2: Price(Decimal("0.1"))})
VOLUMES = {"vol-1": Volume("vol-1", "gp2", 10), "vol-2": Volume("vol-2", "gp2", 20)}


def billed(one: Instance, *volume_ids: str) -> Instance:
    return replace(one, billing=Billing("RunInstances", zone="eu-west-1a"), volume_ids=volume_ids)


def report_of(*instances: Instance, prices: Prices | None = PRICES, grants: Grants | None = None) -> Report:
    snapshot = Snapshot(inventory(instances), DIRECTORY, prices=prices, volumes=VOLUMES)
    return judge(snapshot, DEFAULT_POLICY, NOW, grants or {})


def test_a_flagged_row_costs_what_its_instance_costs_and_the_others_have_no_cost() -> None:
    report = report_of(billed(instance(1, None, age=3), "vol-1"), billed(instance(2), "vol-2"))
    assert report.has_costs
    assert [row.cost for row in report.flagged] == [Cost(Decimal("7.30"), Decimal("1.0"))]
    assert [row.cost for row in report.rows if not row.findings] == [None]


def test_a_controller_costs_what_all_its_machines_cost() -> None:
    tags = {ASG: "web"}
    machines = [billed(instance(number, "web", age=99, tags=tags), f"vol-{number}") for number in (1, 2)]
    [row] = report_of(*machines).flagged
    assert row.cost == Cost(Decimal("14.60"), Decimal("3.0"))


def test_without_prices_no_row_has_a_cost() -> None:
    report = report_of(billed(instance(1, None, age=3)), prices=None)
    assert (report.has_costs, [row.cost for row in report.flagged]) == (False, [None])


def test_what_has_no_price_is_not_priced_and_never_zero() -> None:
    [row] = report_of(instance(1, None, age=3), prices=Prices()).flagged
    assert row.cost == Cost(not_priced=frozenset({CostPart.COMPUTE}))


def test_a_row_that_is_kept_from_all_its_rules_has_no_cost() -> None:
    unnamed = billed(instance(1, None, age=3))
    subject = Subject(IRELAND, unnamed.id)
    until = NOW + timedelta(days=9)
    grant = Grant("1", subject, frozenset(RuleId), until, "for a demo", "U1", "Ada", NOW)
    grants = live_grants([grant], NOW)
    [row] = report_of(unnamed, grants=grants).rows
    assert (bool(row.kept), row.findings, row.cost) == (True, (), None)
