from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.price_key import PriceKey, PriceKind, price_region
from bailiff_bot.domain.prices import Price, Prices, keys_of, snapshot_key
from bailiff_bot.domain.volume import Volume

GP3 = PriceKey(PriceKind.STORAGE, "us-east-1", "gp3")
LINUX = PriceKey(PriceKind.COMPUTE, "us-east-1", "t3.medium", "RunInstances", "Shared")


def an_instance(billing: Billing | None, *volume_ids: str, addresses: int = 0) -> Instance:
    return Instance(
        "i-1",
        Target("111122223333", "us-east-1"),
        "t3.medium",
        InstanceState.RUNNING,
        datetime(2026, 11, 1, tzinfo=UTC),
        billing=billing,
        volume_ids=volume_ids,
        public_addresses=addresses,
    )


ORDINARY = Billing("RunInstances", zone="us-east-1a")


@pytest.mark.parametrize("volume", [Volume("v", "gp3", 100), Volume("v", "gp3", 100, 3000), Volume("v", "io2", 100)])
def test_what_ec2_does_not_tell_of_a_volume_is_not_priced(volume: Volume) -> None:
    prices = Prices({PriceKey(PriceKind.STORAGE, "us-east-1", volume.type): Price(Decimal("0.1"))})
    cost = prices.cost(an_instance(ORDINARY, "v"), {"v": volume})
    assert (cost.volumes, CostPart.VOLUMES in cost.not_priced) == (Decimal("10.0"), True)


def test_nothing_has_a_price_if_the_billing_was_not_read() -> None:
    instance = an_instance(None, "v", addresses=1)
    assert not keys_of(instance, {"v": Volume("v", "gp2", 10)})
    assert Prices().cost(instance, {}) == Cost(not_priced=frozenset(CostPart))


def test_a_cost_has_the_date_of_its_oldest_price_that_was_not_renewed() -> None:
    old, older = date(2026, 11, 3), date(2026, 11, 1)
    volumes = {"v": Volume("v", "gp3", 100, 3000, 125)}
    prices = Prices({LINUX: Price(Decimal("0.0416"), old), GP3: Price(Decimal("0.08"), older)}, factor=Decimal("0.5"))
    cost = prices.cost(an_instance(ORDINARY, "v"), volumes)
    assert (cost.usd, cost.listed_on) == (Decimal("23.184"), older)
    assert prices.cost(an_instance(ORDINARY), {}).listed_on == old


def test_a_snapshot_costs_its_full_size_at_most() -> None:
    prices = Prices({snapshot_key("us-east-1"): Price(Decimal("0.05"))})
    assert prices.snapshot_usd("us-east-1", 300) == Decimal("15.00")
    assert prices.snapshot_usd("eu-west-1", 300) is None


@pytest.mark.parametrize(
    ("zone", "on_outpost", "expected"),
    [
        ("us-east-1f", False, "us-east-1"),
        ("us-east-1f", True, None),
        ("us-east-1-nyc-1a", False, "us-east-1-nyc-1"),
        ("us-east-1-wl1-bos-wlz-1", False, None),
        ("us-east-2a", False, None),
        ("us-east-1", False, None),
        ("", False, None),
    ],
)
def test_the_region_of_a_price_follows_the_zone(zone: str, on_outpost: bool, expected: str | None) -> None:  # noqa: FBT001 - a case of the table
    assert price_region("us-east-1", Billing(zone=zone, on_outpost=on_outpost)) == expected
