"""Whether Slack would take these blocks: `problems(blocks, "message")` is a pure function, for tests as well."""

from bailiff_bot.sandbox.slack.base_types import Json
from bailiff_bot.sandbox.slack.blocks import layout, views
from bailiff_bot.sandbox.slack.blocks.message_rules import check_together, text_length
from bailiff_bot.sandbox.slack.blocks.problem import Problem, Surface

__all__ = ["Problem", "Surface", "problems", "text_length", "view_problems"]


def problems(blocks: list[Json], surface: Surface = "message") -> list[Problem]:
    """Return every rule that the blocks break, in their order; none when Slack would take them."""
    # Rules over all blocks read fields that only well-formed blocks have.
    return list(layout.blocks(surface)(blocks, "/blocks")) or list(check_together(blocks))


def view_problems(view: Json) -> list[Problem]:
    """Return every rule that a modal or an App Home breaks."""
    return list(views.view(view, "")) or list(check_together(view["blocks"]))
