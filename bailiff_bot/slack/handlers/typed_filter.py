"""What is wrong with a filter that was typed; and a filter on the command line, read as one in Slack is."""

import html
from collections.abc import Sequence

from bailiff_bot.domain.report_filter import EVERYTHING, ReportFilter
from bailiff_bot.messages.answers import too_many_filters, unknown_filter, wrong_cost
from bailiff_bot.messages.document import Document
from bailiff_bot.messages.rule_texts import rule_words
from bailiff_bot.slack.handlers.command_text import (
    MAX_FILTERS,
    QueryCommand,
    TooManyFilters,
    UnknownFilter,
    WrongCost,
    parse,
)


def typed_filter(words: Sequence[str]) -> ReportFilter | Document:
    """Return the filter that words mean, or a sentence that says what is wrong."""
    match parse(f"report {html.escape(' '.join(words), quote=False)}"):
        case QueryCommand(query):
            return query.filter
        case UnknownFilter(word):
            return unknown_filter(word, rule_words(), has_costs=True)
        case (WrongCost() | TooManyFilters()) as wrong:
            return wrong_filters(wrong)
    return EVERYTHING


def wrong_filters(command: WrongCost | TooManyFilters) -> Document:
    """Return a sentence that says what is wrong with filters that cannot be used together, or with a cost."""
    return wrong_cost(command.words) if isinstance(command, WrongCost) else too_many_filters(MAX_FILTERS)
