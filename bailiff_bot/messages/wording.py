"""The sentences of every message and view: headlines and coverage."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import tzinfo

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.gap import Gap, GapSource, gaps_of, unexpected
from bailiff_bot.domain.inventory import Coverage
from bailiff_bot.domain.report import Report
from bailiff_bot.messages.formatting import date_time, plural
from bailiff_bot.messages.gaps import gap_lines, unread_names
from bailiff_bot.messages.money import after_colon
from bailiff_bot.messages.regional_gaps import regional_lines

_CHANGES_IN_AWS = {Action.RENAME: "renames", Action.STOP: "stops", Action.DELETE: "deletes"}


def may_do(offered: AbstractSet[Action]) -> str:
    """Return what Bailiff may do, to follow its name. `offered` is what owners can do with buttons."""
    verbs = [verb for action, verb in _CHANGES_IN_AWS.items() if action in offered]
    if verbs:
        *first, last = verbs
        what = f"{', '.join(first)} or {last}" if first else last
        changes = f"{what} an instance only if an owner, a delegate or an administrator asks for it"
    else:
        changes = "changes nothing in AWS"
    return f"{changes}{', and remembers what you answer' if offered else ''}"


def headline(report: Report) -> str:
    """Return the report in one sentence: how many, and what they cost. It claims nothing about unread targets."""
    if not report.coverage.read_count:
        return "Nothing could be read"
    if report.flagged_count:
        verb = "breaks" if report.flagged_count == 1 else "break"
        text = f"{report.flagged_count:,} of {plural(report.count, 'instance')} {verb} a rule"
        return f"{text}{after_colon(report.flagged)}"
    where = "" if report.all_targets_read else " in what could be read"
    return (
        f"No instance breaks a rule{where} ({plural(report.count, 'instance')})"
        if report.count
        else f"There are no instances{where}"
    )


def all_is_well(report: Report) -> bool:
    """Return True if nothing is flagged and there is no unexpected gap."""
    return report.complete and not report.flagged_count


def coverage_line(coverage: Coverage, gaps: Iterable[Gap], when: str) -> str:
    """Return how many regions were read and when, and which were not read and why.

    `when` is an `age` in an answer that is read at once, and a `date_time` in a message that stays.
    """
    accounts = f" of {coverage.account_count} accounts" if coverage.account_count > 1 else ""
    line = f"{coverage.read_count:,} of {plural(coverage.target_count, 'region')}{accounts} read, {when}"
    unread = gaps_of(GapSource.TARGET, gaps)
    if missing := unread_names(unexpected(unread), coverage.account_count):
        line += f" · not read: {missing}"
    if declared := unread_names((gap for gap in unread if gap.expected), coverage.account_count):
        line += f" · closed, as expected: {declared}"
    return line


def plausibility_line(report: Report) -> str:
    """Return why the counts are not plausible, and the consequence; empty if they are."""
    return "".join(gap_lines(gaps_of(GapSource.COUNT, report.gaps)))


def dated_small_print(report: Report, zone: tzinfo) -> list[str]:
    """Return the small print of a message that stays: it says at what time the report was read, not how long ago."""
    return small_print(report, date_time(report.coverage.scanned_at, zone))


def small_print(report: Report, when: str) -> list[str]:
    """Return the last lines of every message with counts: the gaps, and the coverage."""
    return [
        *gap_lines(report.gaps),
        *regional_lines(report.gaps, report.coverage),
        coverage_line(report.coverage, report.gaps, when),
    ]
