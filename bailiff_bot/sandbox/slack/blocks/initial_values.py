"""The rules of initial values: an option that exists, a date, a time."""

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

from bailiff_bot.sandbox.slack.blocks.problem import Problem

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")


def initial_option_is_an_option(element: Any, pointer: str) -> Iterator[Problem]:
    """Yield a problem for each initial option that is not one of the options, text and description included."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    known = [_comparable(option) for option in [*element.get("options", []), *grouped]]
    for name in ("initial_option", "initial_options"):
        chosen = element.get(name, [])
        for option in chosen if isinstance(chosen, list) else [chosen]:
            if _comparable(option) not in known:
                yield Problem("option.initial", f"{pointer}/{name}", "must match one of the options")


def _comparable(option: Any) -> tuple[object, ...]:
    # Slack adds `emoji: true` to texts, so only type and text count.
    texts = (option["text"], option.get("description", {}))
    return option["value"], *((text.get("type"), text.get("text")) for text in texts)


def calendar_date(value: object, pointer: str) -> Iterator[Problem]:
    """Yield a problem if the value is not a date of the calendar, such as "2026-02-28"."""
    if not is_date(value):
        yield Problem("value.date", pointer, "must be a valid date (YYYY-MM-DD)")


def time_of_day(value: object, pointer: str) -> Iterator[Problem]:
    """Yield a problem if the value is not a time, such as "09:30"."""
    if not is_time(value):
        yield Problem("value.date", pointer, "must be a valid time (HH:mm)")


def is_date(value: object) -> bool:
    """Return True for a date of the calendar, in the form YYYY-MM-DD."""
    return isinstance(value, str) and bool(_DATE.fullmatch(value)) and _parses(date.fromisoformat, value)


def is_time(value: object) -> bool:
    """Return True for a time of day, in the form HH:mm."""
    return isinstance(value, str) and bool(_TIME.fullmatch(value)) and _parses(time.fromisoformat, value)


def _parses(parse: Any, value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True
