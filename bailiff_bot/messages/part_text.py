"""The wording of a part of a report: its headline, what it is filtered by, and whose instances it leaves out."""

from bailiff_bot.domain.report_part import ReportPart
from bailiff_bot.messages.formatting import plural, visible
from bailiff_bot.messages.money import after_colon
from bailiff_bot.messages.rule_texts import title
from bailiff_bot.messages.wording import headline


def part_headline(part: ReportPart) -> str:
    """Return a part of a report in one sentence, which says first what it is filtered by."""
    text = _rules_headline(part) if part.filter.rules else headline(part.report)
    return f"{subject}: {text}" if (subject := filter_text(part)) else text


def filter_text(part: ReportPart) -> str:
    """Return what a part of a report is filtered by: `AGR and MLG, eu-west-1, No name`. Empty for the whole report."""
    wanted = part.filter
    accounts = (f"account {account}" for account in wanted.accounts)
    rules = (title(rule, part.report.policy) for rule in wanted.rules)
    return visible(", ".join(filter(None, (" and ".join(part.owner_keys), *accounts, *wanted.regions, *rules))))


def _rules_headline(part: ReportPart) -> str:
    """Return how many instances break the rules of a filter. It claims nothing about what could not be read."""
    if not part.report.coverage.read_count:
        return headline(part.report)
    count, these = part.report.flagged_count, "this rule" if len(part.filter.rules) == 1 else "one of these rules"
    if not count:
        return f"No instance breaks {these}{'' if part.report.complete else ' in what could be read'}"
    text = f"{plural(count, 'instance')} {'breaks' if count == 1 else 'break'} {these}"
    return f"{text}{after_colon(part.report.flagged)}"


def ambiguous_line(part: ReportPart) -> str:
    """Return which identifiers of the owners are left out, and why; empty if none is."""
    if not part.ambiguous:
        return ""
    each = "it" if len(part.ambiguous) == 1 else "each of them"
    return f"Left out: {', '.join(part.ambiguous)}. The directory lists somebody else for {each} too."
