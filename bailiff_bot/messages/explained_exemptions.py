"""What exempts an instance, as lines."""

from collections.abc import Iterator
from datetime import tzinfo

from bailiff_bot.domain.exemption import ExemptingTag
from bailiff_bot.domain.explanation import Explanation
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.messages.document import Line
from bailiff_bot.messages.exemptions import until_text
from bailiff_bot.messages.formatting import instant, iso_day, plural, visible
from bailiff_bot.messages.rule_texts import title


def exemption_lines(explained: Explanation, policy: Policy, zone: tzinfo) -> Iterator[Line]:
    """Yield each exempting tag and each exemption that was granted, with its end."""
    lines = [
        *(_by_tag(tag, policy, zone) for tag in explained.exempting_tags),
        *(_granted(rule, grant, policy, zone) for rule, grant in explained.exemptions.granted),
    ]
    return ((line,) for line in lines or ["none"])


def _by_tag(tag: ExemptingTag, policy: Policy, zone: tzinfo) -> str:
    return f"the tag {visible(tag.key)}, “{visible(tag.value)}”, {_effect(tag, zone)}{_why_until(tag, policy, zone)}"


def _why_until(tag: ExemptingTag, policy: Policy, zone: tzinfo) -> str:
    """Return why a tag without an end of its own ends; empty for any other."""
    first = tag.exempted.since
    if first is None:
        return ""
    seen = f"first seen with the tag {visible(first.tag)} on {iso_day(first.at, zone)}"
    return f"; {seen}, and BAILIFF_EXEMPT_TAG_DAYS is {policy.exempt_tag_days}"


def _effect(tag: ExemptingTag, zone: tzinfo) -> str:
    until = until_text(tag.exempted, zone)
    if not tag.exempted.exempt:
        return f"ended; its last day was {until}" if until else "exempts it from nothing"
    return f"exempts it from all rules, {f'until {until}' if tag.exempted.until else until}"


def _granted(rule: RuleId, grant: Grant, policy: Policy, zone: tzinfo) -> str:
    extended = f", extended {plural(grant.extensions, 'time')}" if grant.extensions else ""
    granted = f"by {visible(grant.granter)} on {instant(grant.granted_at, zone)}{extended}: {visible(grant.reason)}"
    return f"kept from “{title(rule, policy)}” until {instant(grant.until, zone)}, {granted}"
