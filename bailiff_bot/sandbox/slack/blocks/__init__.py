"""Whether Slack would take these blocks: `problems(blocks, surface)` is a pure function, for tests as well."""

from bailiff_bot.sandbox.slack.blocks.problem import Problem, Surface
from bailiff_bot.sandbox.slack.values import Json

__all__ = ["Problem", "Surface", "problems", "view_problems"]


def problems(blocks: list[Json], surface: Surface) -> list[Problem]:
    return []


def view_problems(view: Json) -> list[Problem]:
    return []
