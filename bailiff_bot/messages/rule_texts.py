"""The wording of each rule and each table: titles, remedies, buttons."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import OtherTable, TableId
from bailiff_bot.domain.rules import Finding, RuleId

_MAX_REGIONS = 3
"""A remedy names at most so many allowed regions."""


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
        title=lambda policy: (
            f"{'Idle, or running' if policy.reads_usage else 'Running'} for {policy.running_days} days or more"
        ),
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


def short_finding(finding: Finding) -> str:
    """Return a finding in one or two words, for the "Also" column: an idle instance may not be long running."""
    is_idle = finding.rule is RuleId.STOPPED_WHEN_UNUSED and not finding.asks
    return "idle" if is_idle else short_rule(finding.rule)


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
