"""Checks of Block Kit: `problems(blocks, "message")` is a pure function, also for tests without a server."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import layout, views
from bailiff_bot.sandbox.slack.blocks.message_rules import check_together, text_length
from bailiff_bot.sandbox.slack.blocks.problem import Problem, Surface

__all__ = ["Problem", "Surface", "problems", "text_length", "view_problems"]


def problems(blocks: list[Json], surface: Surface = "message") -> list[Problem]:
    """Return every rule that the blocks break, in the order of the blocks; an empty list if Slack accepts them."""
    # The rules over all blocks read fields that only well-formed blocks have.
    return list(layout.blocks(surface)(blocks, "/blocks")) or list(check_together(blocks))


def view_problems(view: Json) -> list[Problem]:
    """Return every rule that a modal or an App Home breaks."""
    return list(views.view(view, "")) or list(check_together(view["blocks"]))
