"""The sentences of every message and view: headlines, titles, remedies, ages and coverage."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from bailiff_bot.domain.inventory import ALL_REGIONS, Coverage, Unread
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import OtherTable, Report, TableId
from bailiff_bot.domain.rules import RuleId

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
"""Whatever the locale: the sentences are English."""
_MAX_GAPS = 3
"""A message names at most so many gaps of the directory; the CSV has all."""
_MAX_REGIONS = 3
"""A remedy names at most so many allowed regions."""
_MAX_UNREAD = 20
"""A message names at most so many unread targets of one reason; the CSV has all."""

BLANK = "(blank)"
"""A name that holds nothing one could see."""
_LAYOUT_CHARACTERS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2066\u2067\u2068\u2069")
"""Line separators and marks of writing direction: they would break a cell or a line."""


def visible(text: str) -> str:
    """Return the text without control, direction and surrogate characters, so that it stays on its line."""
    return "".join(
        character
        for character in text
        if character not in _LAYOUT_CHARACTERS and unicodedata.category(character) not in {"Cc", "Cs"}
    )


def display_name(name: str) -> str:
    """Return a name on one line; a name of which nothing could be seen is called blank."""
    text = visible(name).strip()
    return text if any(unicodedata.category(character)[0] in "LMNPS" for character in text) else BLANK


def plural(count: int, singular: str, plural: str = "") -> str:
    """Return a count with its noun: `1 region`, `1,234 regions`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def age(elapsed: timedelta) -> str:
    """Return how long ago something was: `just now`, `4 min ago`, `3 days ago`."""
    minutes = elapsed // timedelta(minutes=1)
    if minutes < 1:
        return "just now"
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{minutes} min ago"
    hours = elapsed // timedelta(hours=1)
    return f"{hours} h ago" if hours < 48 else f"{elapsed.days} days ago"  # noqa: PLR2004 - two days


def date(instant: datetime, zone: tzinfo) -> str:
    """Return the day of an instant in a zone, for a sentence: `23 Nov`."""
    local = instant.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]}"


def title(table: TableId, policy: Policy) -> str:
    """Return a table's title."""
    return {
        RuleId.NAMED: "No name",
        RuleId.OWNED: "No identifier in front of the name",
        RuleId.KNOWN_OWNER: "Owner unknown",
        RuleId.DELETED_WHEN_ABANDONED: f"Stopped for {policy.stopped_days} days or more",
        RuleId.STOPPED_WHEN_UNUSED: f"Running for {policy.running_days} days or more",
        RuleId.ALLOWED_REGION: "Region not allowed",
        OtherTable.MANAGED: "Managed machines",
        OtherTable.LEGIT: "Legit",
        OtherTable.EXEMPT: "Exempt",
    }[table]


def remedy(rule: RuleId, policy: Policy) -> str:
    """Return what an owner can do about a broken rule: an imperative sentence without a full stop."""
    hint = _exempt_hint(policy)
    elsewhere = " or ".join(sorted(policy.allowed_regions)[:_MAX_REGIONS]) or "another region"
    return {
        RuleId.NAMED: "Name it",
        RuleId.OWNED: "Rename it, your identifier first",
        RuleId.KNOWN_OWNER: "Adopt it under your identifier, or delete it",
        RuleId.DELETED_WHEN_ABANDONED: f"Will it be used again? Delete it if not{hint}",
        RuleId.STOPPED_WHEN_UNUSED: f"Still needed? Stop it if not{hint}",
        RuleId.ALLOWED_REGION: f"Recreate it in {elsewhere}, or delete it",
    }[rule]


def controller_remedy(rule: RuleId, policy: Policy) -> str:
    """Return the remedy for a controller. Its machines are not changed one by one, because it replaces them."""
    hint = _exempt_hint(policy)
    return {
        RuleId.NAMED: "Name what makes these machines",
        RuleId.OWNED: "Rename what makes these machines, your identifier first",
        RuleId.STOPPED_WHEN_UNUSED: f"Still needed? Scale it to zero or delete it if not{hint}",
        RuleId.DELETED_WHEN_ABANDONED: f"Will it be used again? Delete what makes these machines if not{hint}",
    }.get(rule, remedy(rule, policy))


def _exempt_hint(policy: Policy) -> str:
    return f"; keep it with the tag {policy.exempt_tags[0]}" if policy.exempt_tags else ""


def short_rule(rule: RuleId) -> str:
    """Return a broken rule in one or two words, for the "Also" column."""
    return {
        RuleId.NAMED: "unnamed",
        RuleId.OWNED: "no identifier",
        RuleId.KNOWN_OWNER: "owner unknown",
        RuleId.DELETED_WHEN_ABANDONED: "abandoned",
        RuleId.STOPPED_WHEN_UNUSED: "long running",
        RuleId.ALLOWED_REGION: "odd region",
    }[rule]


def headline(report: Report) -> str:
    """Return the report in one sentence. It claims nothing about unread targets."""
    if not report.coverage.read_count:
        return "Nothing could be read"
    if report.flagged_count:
        verb = "owes" if report.flagged_count == 1 else "owe"
        return f"{report.flagged_count:,} of {plural(report.count, 'instance')} {verb} something"
    where = "" if report.coverage.complete else " in what could be read"
    return (
        f"Nothing is owed by {plural(report.count, 'instance')}{where}"
        if report.count
        else f"There are no instances{where}"
    )


def all_is_well(report: Report) -> bool:
    """Return True if nothing is flagged, all targets are read, the counts plausible, the directory complete."""
    seen = bool(report.coverage.read_count) and report.coverage.complete
    return seen and not report.flagged_count and not report.directory_gaps and not report.plausibility_warnings


def date_time(instant: datetime, zone: tzinfo) -> str:
    """Return the day and the time of an instant in a zone: `23 Nov, 17:56 CET`."""
    return f"{date(instant, zone)}, {instant.astimezone(zone):%H:%M %Z}"


def coverage_line(coverage: Coverage, when: str) -> str:
    """Return how many regions were read and when, and which were not read and why.

    `when` is an `age` in an answer that is read at once, and a `date_time` in a message that stays.
    """
    accounts = f" of {coverage.account_count} accounts" if coverage.account_count > 1 else ""
    line = f"{coverage.read_count:,} of {plural(coverage.target_count, 'region')}{accounts} read, {when}"
    if coverage.unread:
        line += f" · not read: {_unread_by_reason(coverage.unread, coverage.account_count)}"
    if coverage.expected_unread:
        line += f" · closed, as declared: {_unread_by_reason(coverage.expected_unread, coverage.account_count)}"
    return line


def _unread_by_reason(unread: Iterable[Unread], accounts: int) -> str:
    by_reason = groupby(sorted(unread, key=lambda one: (one.reason, one.target)), key=lambda one: one.reason)
    return "; ".join(f"{_target_names(list(those), accounts)} ({reason})" for reason, those in by_reason)


def _target_names(unread: list[Unread], accounts: int) -> str:
    names = [target_name(one, accounts) for one in unread[:_MAX_UNREAD]]
    more = [f"{len(unread) - _MAX_UNREAD} more"] if len(unread) > _MAX_UNREAD else []
    return ", ".join(names + more)


def target_name(unread: Unread, accounts: int) -> str:
    """Return the name of an unread target: its region, with the account if there is more than one."""
    target = unread.target
    if target.region == ALL_REGIONS:
        return f"account {target.account}" if target.account.isdigit() else target.account
    return f"{target.account}/{target.region}" if accounts > 1 else target.region


def directory_line(report: Report) -> str:
    """Return the gaps of the directory in one sentence; empty if it is complete."""
    if not report.directory_gaps:
        return ""
    untold = [gap for gap in report.directory_gaps if gap not in report.plausibility_warnings]
    more = [f"{len(untold) - _MAX_GAPS} more"] if len(untold) > _MAX_GAPS else []
    why = f"incomplete ({'; '.join(untold[:_MAX_GAPS] + more)})" if untold else "in doubt"
    return f"Directory {why}: nobody is accused of being unknown to it"


def plausibility_line(report: Report) -> str:
    """Return the plausibility warnings and their consequence; empty if there are none."""
    if not report.plausibility_warnings:
        return ""
    return (
        f"Not plausible: {'; '.join(report.plausibility_warnings)}. Until that has been so for a day, nobody is told "
        "in a direct message and nothing is called fixed"
    )


def dated_small_print(report: Report, zone: tzinfo) -> list[str]:
    """Return the small print of a message that stays: it says at what time the report was read, not how long ago."""
    return small_print(report, date_time(report.coverage.scanned_at, zone))


def small_print(report: Report, when: str) -> list[str]:
    """Return the last lines of every message with counts: plausibility, the directory's gaps, and the coverage."""
    lines = (plausibility_line(report), directory_line(report), coverage_line(report.coverage, when))
    return [line for line in lines if line]
