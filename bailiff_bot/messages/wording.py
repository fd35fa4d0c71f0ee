"""The sentences of every message and view: headlines, titles, remedies and coverage."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import tzinfo

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.gap import Gap, GapSource, gaps_of, unexpected
from bailiff_bot.domain.inventory import Coverage
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import OtherTable, Report, TableId
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.formatting import date_time, plural
from bailiff_bot.messages.gaps import gap_lines, unread_names

_MAX_REGIONS = 3
"""A remedy names at most so many allowed regions."""
_CHANGES_IN_AWS = {Action.RENAME: "renames", Action.STOP: "stops", Action.DELETE: "deletes"}


@dataclass(frozen=True, slots=True)
class RuleText:
    """The wording of a rule. A remedy is an imperative sentence without a full stop."""

    title: Callable[[Policy], str]
    """The title of its table."""
    short: str
    """The broken rule in one or two words, for the "Also" column."""
    remedy: Callable[[Policy], str]
    """What an owner can do about an instance."""
    controller_remedy: Callable[[Policy], str] | None = None
    """What an owner can do about a controller, which replaces its machines. None: the same as for an instance."""
    button: str = "Open in AWS"
    """The remedy on a button that opens the instance in the AWS console."""


_RULE_TEXTS: Mapping[RuleId, RuleText] = {
    RuleId.NAMED: RuleText(
        title=lambda _: "No name",
        short="unnamed",
        remedy=lambda _: "add a Name tag",
        button="Name it",
        controller_remedy=lambda _: "name the controller",
    ),
    RuleId.OWNED: RuleText(
        title=lambda _: "No owner in the name",
        short="no identifier",
        remedy=lambda _: "rename it, starting with your identifier (agr-web)",
        button="Rename",
        controller_remedy=lambda _: "rename the controller, starting with your identifier (agr-web)",
    ),
    RuleId.KNOWN_OWNER: RuleText(
        title=lambda _: "Unknown identifier",
        short="unknown identifier",
        remedy=lambda _: "rename it with yours, or delete it",
        button="Rename",
    ),
    RuleId.DELETED_WHEN_ABANDONED: RuleText(
        button="Delete",
        title=lambda policy: f"Stopped for {policy.stopped_days} days or more",
        short="abandoned",
        remedy=lambda policy: f"delete it if nobody needs it any more{_exempt_hint(policy)}",
        controller_remedy=lambda policy: f"delete the controller if nobody needs it any more{_exempt_hint(policy)}",
    ),
    RuleId.STOPPED_WHEN_UNUSED: RuleText(
        button="Stop",
        title=lambda policy: f"Running for {policy.running_days} days or more",
        short="long running",
        remedy=lambda policy: f"stop it if nobody uses it{_exempt_hint(policy)}",
        controller_remedy=lambda policy: f"scale it to zero or delete it if nobody uses it{_exempt_hint(policy)}",
    ),
    RuleId.ALLOWED_REGION: RuleText(
        title=lambda _: "Region not allowed",
        short="region not allowed",
        remedy=lambda policy: f"move it to {_allowed_regions(policy)}, or delete it",
    ),
}
_OTHER_TITLES: Mapping[OtherTable, str] = {
    OtherTable.MANAGED: "Managed machines",
    OtherTable.LEGIT: "Legit",
    OtherTable.EXEMPT: "Exempt",
}


def title(table: TableId, policy: Policy) -> str:
    """Return a table's title."""
    return _RULE_TEXTS[table].title(policy) if isinstance(table, RuleId) else _OTHER_TITLES[table]


def remedy(rule: RuleId, policy: Policy) -> str:
    """Return what an owner can do about a broken rule: an imperative sentence without a full stop."""
    return _RULE_TEXTS[rule].remedy(policy)


def controller_remedy(rule: RuleId, policy: Policy) -> str:
    """Return the remedy for a controller. Its machines are not changed one by one, because it replaces them."""
    text = _RULE_TEXTS[rule]
    return (text.controller_remedy or text.remedy)(policy)


def remedy_button(rule: RuleId) -> str:
    """Return the remedy for a broken rule on a button that opens the instance in the AWS console."""
    return _RULE_TEXTS[rule].button


def short_rule(rule: RuleId) -> str:
    """Return a broken rule in one or two words, for the "Also" column."""
    return _RULE_TEXTS[rule].short


def rule_words() -> Mapping[str, RuleId]:
    """Return the words that name a rule, as somebody types them: its id, and what the "Also" column calls it."""
    return {rule.value: rule for rule in RuleId} | {
        text.short.replace(" ", "-"): rule for rule, text in _RULE_TEXTS.items()
    }


def _exempt_hint(policy: Policy) -> str:
    if not policy.exempt_tags:
        return ""
    tag = policy.exempt_tags[0]
    return f"; to keep it, add the tag {tag if '=' in tag else f'{tag}=YYYY-MM-DD'}"


def _allowed_regions(policy: Policy) -> str:
    return " or ".join(sorted(policy.allowed_regions)[:_MAX_REGIONS]) or "another region"


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
    """Return the report in one sentence. It claims nothing about unread targets."""
    if not report.coverage.read_count:
        return "Nothing could be read"
    if report.flagged_count:
        verb = "breaks" if report.flagged_count == 1 else "break"
        return f"{report.flagged_count:,} of {plural(report.count, 'instance')} {verb} a rule"
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
    return [*gap_lines(report.gaps), coverage_line(report.coverage, report.gaps, when)]
