"""data_visualization: pies, and lines, bars and areas over named categories."""

from collections.abc import Iterator
from typing import Any

from bailiff_bot.sandbox.slack.blocks.objects import identifier
from bailiff_bot.sandbox.slack.blocks.problem import Problem
from bailiff_bot.sandbox.slack.blocks.schema import also, array, number, record, string, tagged

MOST_SERIES = 6
"""Newer pages say 12: what both allow is safe."""
MOST_POINTS = 20
_label = string(20)
_SMALLEST = 5e-324
"""A slice of a pie is larger than nothing."""
_point = record({"label": _label, "value": number(float("-inf"), whole=False)})
_slice = record({"label": _label, "value": number(_SMALLEST, whole=False)})
_series = record({"name": _label, "data": array(_point, MOST_POINTS, least=1)})
_axes = record(
    {"categories": array(_label, MOST_POINTS, least=1)},
    {"x_label": string(50), "y_label": string(50)},
)


def _labels_are_categories(chart: Any, at: str) -> Iterator[Problem]:
    categories = sorted(chart["axis_config"]["categories"])
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != categories:
            yield Problem("chart.labels", f"{at}/series/{index}/data", "labels must match the axis categories")


def _names_differ(chart: Any, at: str) -> Iterator[Problem]:
    names = [series["name"] for series in chart["series"]]
    if len(set(names)) != len(names):
        yield Problem("chart.names", f"{at}/series", "series names must be unique")


_drawn = also(
    record({"series": array(_series, MOST_SERIES, least=1), "axis_config": _axes}),
    _labels_are_categories,
    _names_differ,
)
_pie = record({"segments": array(_slice, MOST_SERIES, least=1)})

data_visualization = record(
    {"title": string(50), "chart": tagged({"pie": _pie, "line": _drawn, "bar": _drawn, "area": _drawn})},
    {"block_id": identifier},
)
