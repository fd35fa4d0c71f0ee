"""Converts what an instance is billed by, and its usage, to the columns of a stored snapshot and back."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.usage_figures import DayFigures, UsageFigures
from bailiff_bot.store.types import instant_of, microseconds


def encode_billing(instances: Iterable[Instance]) -> dict[str, Any]:
    """Return the columns of what instances are billed by. Equal ones are stored once."""
    numbers: dict[Billing | None, int] = {}
    column = [numbers.setdefault(one.billing, len(numbers)) for one in instances]
    return {"billing": column, "billings": [billing and astuple(billing) for billing in numbers]}


def decode_billing(document: dict[str, Any]) -> list[Billing | None]:
    """Return what each instance is billed by. Older snapshots lack it."""
    billings = [listed and Billing(*listed) for listed in document.get("billings", [None])]
    return [billings[number] for number in document.get("billing", [0] * len(document["id"]))]


def encode_usage(instances: Sequence[Instance]) -> list[list[Any]]:
    """Return the number and the figures of each instance that has any."""
    found = ((number, one.usage) for number, one in enumerate(instances))
    return [[number, microseconds(usage.read_at), _encode_days(usage)] for number, usage in found if usage]


def _encode_days(usage: UsageFigures) -> list[list[Any]]:
    return [[day.toordinal(), *astuple(figures)] for day, figures in usage.days.items()]


def decode_usage(document: dict[str, Any]) -> list[UsageFigures | None]:
    """Return the figures of each instance; None for those without. Older snapshots lack them."""
    column: list[UsageFigures | None] = [None] * len(document["id"])
    for number, read_at, days in document.get("usage", []):
        figures = {date.fromordinal(day): DayFigures(*rest) for day, *rest in days}
        column[number] = UsageFigures(instant_of(read_at), figures)
    return column
