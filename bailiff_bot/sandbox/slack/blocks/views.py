"""The checks of a modal and an App Home."""

from collections.abc import Iterator, Mapping
from typing import Any

from bailiff_bot.sandbox.slack.blocks.layout import blocks
from bailiff_bot.sandbox.slack.blocks.objects import plain_text
from bailiff_bot.sandbox.slack.blocks.problem import Check, Problem
from bailiff_bot.sandbox.slack.blocks.schema import boolean, record, string, tagged_union, with_rules

_metadata_fields: Mapping[str, Check] = {
    "private_metadata": string(3000, min_length=0),
    "callback_id": string(255, min_length=0),
    "external_id": string(255, min_length=0),
}


def _input_needs_submit(view: Any, pointer: str) -> Iterator[Problem]:
    if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
        yield Problem("view.submit", pointer, "missing required field: submit")


_modal = with_rules(
    record(
        {"title": plain_text(24), "blocks": blocks("modal")},
        {
            **_metadata_fields,
            "close": plain_text(24),
            "submit": plain_text(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
    ),
    _input_needs_submit,
)
view: Check = tagged_union({"modal": _modal, "home": record({"blocks": blocks("home")}, _metadata_fields)})
