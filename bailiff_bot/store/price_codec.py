"""Converts the prices and the volumes of a snapshot to JSON and back."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from typing import Any

from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import Price, Prices
from bailiff_bot.domain.volume import Volume, Volumes


def encode_prices(prices: Prices | None) -> dict[str, Any] | None:
    """Return the prices as JSON; None if prices are off."""
    if prices is None:
        return None
    return {
        "listed": [[*astuple(key), f"{price.usd:f}", _day(price.listed_on)] for key, price in prices.listed.items()],
        "own": [[*astuple(key), f"{usd:f}"] for key, usd in prices.own.items()],
        "factor": f"{prices.factor:f}",
    }


def decode_prices(document: Mapping[str, Any] | None) -> Prices | None:
    """Return the prices. Older snapshots lack them. Raises ValueError for a kind that only another version knows."""
    if document is None:
        return None
    listed = {_key(key): Price(Decimal(usd), _date(day)) for *key, usd, day in document["listed"]}
    own = {_key(key): Decimal(usd) for *key, usd in document["own"]}
    return Prices(listed, own, Decimal(document["factor"]))


def encode_volumes(volumes: Volumes) -> list[tuple[Any, ...]]:
    """Return the volumes as rows."""
    return [astuple(volume) for volume in volumes.values()]


def decode_volumes(rows: list[list[Any]]) -> dict[str, Volume]:
    """Return the volumes by their ids."""
    return {row[0]: Volume(*row) for row in rows}


def _key(fields: list[str]) -> PriceKey:
    kind, *rest = fields
    return PriceKey(PriceKind(kind), *rest)


def _day(listed_on: date | None) -> int | None:
    return listed_on.toordinal() if listed_on else None


def _date(day: int | None) -> date | None:
    return None if day is None else date.fromordinal(day)
