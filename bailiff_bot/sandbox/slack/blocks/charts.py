"""data_visualization: pie charts, and line, bar and area charts over named categories."""

from collections.abc import Iterator
from typing import Any

from bailiff_bot.sandbox.slack.blocks.objects import block_kit_id
from bailiff_bot.sandbox.slack.blocks.problem import Problem
from bailiff_bot.sandbox.slack.blocks.schema import array, number, record, string, tagged_union, with_rules

MAX_SERIES = 6
"""Newer pages of Slack's documentation say 12; the smaller limit is safe."""
MAX_POINTS = 20
_label = string(20)
_MIN_SLICE = 5e-324
"""The smallest positive float: the value of a slice must be greater than 0."""
_point = record({"label": _label, "value": number(float("-inf"), whole=False)})
_slice = record({"label": _label, "value": number(_MIN_SLICE, whole=False)})
_series = record({"name": _label, "data": array(_point, MAX_POINTS, min_items=1)})
_axes = record(
    {"categories": array(_label, MAX_POINTS, min_items=1)},
    {"x_label": string(50), "y_label": string(50)},
)


def _labels_are_categories(chart: Any, pointer: str) -> Iterator[Problem]:
    categories = sorted(chart["axis_config"]["categories"])
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != categories:
            yield Problem("chart.labels", f"{pointer}/series/{index}/data", "labels must match the axis categories")


def _names_differ(chart: Any, pointer: str) -> Iterator[Problem]:
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) != len(names):
        yield Problem("chart.names", f"{pointer}/series", "series names must be unique")


_axis_chart = with_rules(
    record({"series": array(_series, MAX_SERIES, min_items=1), "axis_config": _axes}),
    _labels_are_categories,
    _names_differ,
)
_pie = record({"segments": array(_slice, MAX_SERIES, min_items=1)})

data_visualization = record(
    {
        "title": string(50),
        "chart": tagged_union({"pie": _pie, "line": _axis_chart, "bar": _axis_chart, "area": _axis_chart}),
    },
    {"block_id": block_kit_id},
)
