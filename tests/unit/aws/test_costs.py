"""What instances cost, decided by hand: every row of the table, over the recorded price list."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from bailiff_bot.aws.price_lookup import listed_price
from bailiff_bot.aws.price_product import Product, parse_product
from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.price_key import PriceKey
from bailiff_bot.domain.prices import Price, Prices, keys_of, own_key
from bailiff_bot.domain.volume import Volume

CASES = Path(__file__).parents[2] / "cases"
TABLE = yaml.safe_load((CASES / "costs.yaml").read_text(encoding="utf-8"))
ROWS = [
    pytest.param(row, id=f"{section}-{number}-{row['why']}")
    for section, rows in TABLE.items()
    for number, row in enumerate(rows, 1)
]
UNREAD = "unread"


@pytest.fixture(scope="module")
def products() -> Sequence[Product]:
    lines = (CASES / "price-list" / "products.jsonl").read_text(encoding="utf-8").splitlines()
    return [parse_product(line) for line in lines]


def volumes_of(row: dict[str, Any]) -> dict[str, Volume]:
    rows = row.get("volumes", [])
    volumes = (Volume(f"vol-{number}", **one) for number, one in enumerate(rows if rows != UNREAD else ()))
    return {volume.id: volume for volume in volumes}


def instance_of(row: dict[str, Any]) -> Instance:
    region = row.get("region", "us-east-1")
    return Instance(
        "i-1",
        Target("111122223333", region),
        row["type"],
        InstanceState(row.get("state", "running")),
        datetime(2026, 11, 1, tzinfo=UTC),
        billing=Billing(
            row.get("operation", "RunInstances"),
            row.get("tenancy", "default"),
            row.get("lifecycle", "on-demand"),
            row.get("zone", f"{region}a"),
            row.get("outpost", False),
        ),
        volume_ids=("vol-0",) if row.get("volumes") == UNREAD else tuple(volumes_of(row)),
        public_addresses=row.get("addresses", 0),
    )


def own_prices(rows: Sequence[dict[str, Any]]) -> dict[PriceKey, Decimal]:
    return {own_key(row["type"], row["region"], row["operation"]): Decimal(str(row["hourly_usd"])) for row in rows}


@pytest.mark.parametrize("row", ROWS)
def test_every_row(row: dict[str, Any], products: Sequence[Product]) -> None:
    instance, volumes = instance_of(row["instance"]), volumes_of(row["instance"])
    found = {key: listed_price(key, products).usd for key in keys_of(instance, volumes)}
    prices = Prices(
        {key: Price(usd) for key, usd in found.items() if usd},
        own_prices(row.get("own", [])),
        Decimal(str(row.get("factor", 1))),
    )
    cost = prices.cost(instance, volumes)
    assert cost.usd.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(str(row["usd"]))
    assert sorted(cost.not_priced) == sorted(row["not_priced"])


def test_the_table_has_rows() -> None:
    assert ROWS
