"""The wording of a part of a report: its headline, what it is filtered by, and whose instances it leaves out."""

from collections.abc import Iterator

from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.formatting import plural, visible
from bailiff_bot.messages.money import after_colon, floor_text
from bailiff_bot.messages.rule_texts import title
from bailiff_bot.messages.wording import headline

_RULES = {0: "a rule", 1: "this rule"}
"""What a filter with so many rules selects; with more, it is one of them."""


def part_headline(part: ReportPart) -> str:
    """Return a part of a report in one sentence, which says first what it is filtered by."""
    is_of_flagged = part.filter.rules or part.filter.cost
    text = f"{_flagged_headline(part)}{_not_priced(part)}" if is_of_flagged else headline(part.report)
    return f"{subject}: {text}" if (subject := filter_text(part)) else text


def filter_text(part: ReportPart) -> str:
    """Return what a part of a report is filtered by: `AGR and MLG, eu-west-1, No name`. Empty for the whole report."""
    wanted = part.filter
    accounts = (f"account {account}" for account in wanted.accounts)
    rules = (title(rule, part.report.policy) for rule in wanted.rules)
    costs = [floor_text(wanted.cost)] if wanted.cost else []
    return visible(", ".join(filter(None, (" and ".join(part.owner_keys), *accounts, *wanted.regions, *rules, *costs))))


def _flagged_headline(part: ReportPart) -> str:
    """Return how many instances break the rules of a filter. It claims nothing about what could not be read."""
    if not part.report.coverage.read_count:
        return headline(part.report)
    count, these = part.report.flagged_count, _RULES.get(len(part.filter.rules), "one of these rules")
    if not count:
        return f"No instance breaks {these}{'' if part.report.complete else ' in what could be read'}"
    text = f"{plural(count, 'instance')} {'breaks' if count == 1 else 'break'} {these}"
    return f"{text}{after_colon(part.report.flagged)}"


def _not_priced(part: ReportPart) -> str:
    """Return of how many more instances nobody knows whether they cost so much, after a semicolon; empty for none."""
    count = part.not_priced
    return f"; {count:,} more {'is' if count == 1 else 'are'} not fully priced" if count else ""


def left_out_lines(part: ReportPart) -> Iterator[str]:
    """Yield which instances a filter leaves out although they may belong to its part, for a file of records."""
    yield from filter(None, [ambiguous_line(part)])
    if part.not_priced:
        yield f"Left out: {plural(part.not_priced, 'instance')} not fully priced."


def ambiguous_line(part: ReportPart) -> str:
    """Return which identifiers of the owners are left out, and why; empty if none is."""
    if not part.ambiguous:
        return ""
    each = "it" if len(part.ambiguous) == 1 else "each of them"
    return f"Left out: {', '.join(part.ambiguous)}. The directory lists somebody else for {each} too."
