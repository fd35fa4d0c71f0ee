"""Who was told of an instance, and what happens next, as lines."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo

from bailiff_bot.domain.deletion import CANCELLABLE, Deletion
from bailiff_bot.domain.delivery import DeliveryState
from bailiff_bot.domain.explanation import Explanation
from bailiff_bot.domain.next_events import ExemptionEnds, NextEvent, OwnerNotified, ThresholdReached
from bailiff_bot.domain.notification import Notification
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.document import Line, Link
from bailiff_bot.messages.formatting import display_name, instant, visible
from bailiff_bot.messages.rule_texts import short_rule, title

_TOLD = {
    DeliveryState.SENT: "told on",
    DeliveryState.UNKNOWN: "may have been told on",
    DeliveryState.PENDING: "is being told; planned on",
    DeliveryState.SENDING: "is being told; planned on",
    DeliveryState.REFUSED: "could not be told on",
    DeliveryState.EXPIRED: "was not told on",
}


def notified_lines(explained: Explanation, zone: tzinfo, links: Mapping[str, str]) -> Iterator[Line]:
    """Yield who was told when, with a link to each message of `links`, by recipient."""
    for one in explained.history.notifications:
        url = links.get(one.recipient)
        yield (_notified(one, zone), *((" · ", Link("your message", url)) if url else ()))
    if not explained.history.notifications:
        yield ("none that lists it",)


def _notified(one: Notification, zone: tzinfo) -> str:
    rules = ", ".join(short_rule(rule) for rule in RuleId if rule in one.rules)
    reason = f" ({visible(one.reason)})" if one.reason else ""
    listed = ""
    if one.ts:
        listed = "; the message still lists it" if one.still_listed else "; the message does not list it any more"
    return f"{visible(one.label)}: {_TOLD[one.state]} {instant(one.at, zone)}{reason}: {rules}{listed}"


def next_lines(explained: Explanation, report: Report, zone: tzinfo) -> Iterator[Line]:
    """Yield what happens next, if nothing changes: to the instance, then who is told of it."""
    lines = [_deletion(explained.history.deletion, zone)] if explained.history.deletion else []
    lines += [_event(event, explained, report.policy, zone) for event in explained.next_events]
    if explained.exemptions.endless:
        lines.append("it stays exempt, because the tag has no end")
    if explained.row.findings:
        lines.extend(_not_told(explained, report))
    return ((line,) for line in lines or ["nothing"])


def _deletion(deletion: Deletion, zone: tzinfo) -> str:
    asked = f"{visible(deletion.result.name)} asked for it on {instant(deletion.result.at, zone)}"
    if deletion.stage not in CANCELLABLE:
        return f"it is being deleted now; {asked}"
    return f"{instant(deletion.due_at, zone)}: it is deleted, if it still may be and nobody cancels that; {asked}"


def _event(event: NextEvent, explained: Explanation, policy: Policy, zone: tzinfo) -> str:
    match event:
        case ThresholdReached(at, rule, threshold):
            return f"{instant(at, zone)}: {threshold}; it breaks {_titles([rule], policy)}"
        case ExemptionEnds(at, rules):
            return f"{instant(at, zone)}: the exemption ends; {_after_exemption(rules, explained, policy)}"
        case OwnerNotified(at, owner) if at:
            return f"the first digest after {instant(at, zone)} reminds {visible(owner.name)}"
        case OwnerNotified():
            return f"the next digest tells {visible(event.owner.name)}"


def _after_exemption(rules: Iterable[RuleId], explained: Explanation, policy: Policy) -> str:
    if later := explained.later_controller:
        return f"it is judged with the {later.kind} {display_name(later.name)} again"
    return f"it breaks {_titles(rules, policy)}"


def _titles(rules: Iterable[RuleId], policy: Policy) -> str:
    return " and ".join(f"“{title(rule, policy)}”" for rule in rules) or "no rule"


def _not_told(explained: Explanation, report: Report) -> Iterator[str]:
    """Yield why nobody is told."""
    if explained.history.remind_after is None:
        yield "nobody is told, because BAILIFF_NUDGES is not on"
    elif not any(isinstance(event, OwnerNotified) for event in explained.next_events):
        yield "nobody is told, because no owner was found in Slack"
    elif not report.plausible:
        yield "nobody is told while the counts of a scan are not plausible"
