"""What happens next to an instance, if nothing changes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.exemption import Exempted
from bailiff_bot.domain.grants import Grant
from bailiff_bot.domain.history import finding_keys, reminder_due_at
from bailiff_bot.domain.notification import NotificationHistory
from bailiff_bot.domain.owner import NoOwner, Owner
from bailiff_bot.domain.report import Row
from bailiff_bot.domain.rule_explanation import RuleExplanation
from bailiff_bot.domain.rules import RuleId


@dataclass(frozen=True, slots=True)
class ThresholdReached:
    """A rule is broken from then on: a grace ends, or an age is reached."""

    at: datetime
    rule: RuleId
    threshold: str
    """As a noun phrase: "running for 30 days"."""


@dataclass(frozen=True, slots=True)
class ExemptionEnds:
    """An exemption ends."""

    at: datetime
    rules: tuple[RuleId, ...]
    """The rules that count as broken from then on."""


@dataclass(frozen=True, slots=True)
class OwnerNotified:
    """An owner gets a direct message with the first digest from then on."""

    at: datetime | None
    """None: with the next digest, whenever it is."""
    owner: Owner


NextEvent = ThresholdReached | ExemptionEnds | OwnerNotified


@dataclass(frozen=True, slots=True)
class Exemptions:
    """What exempts an instance now."""

    by_tag: Exempted | None
    """By its tags, from all rules; None if no tag exempts it."""
    granted: tuple[tuple[RuleId, Grant], ...] = ()
    """What was granted in Slack, by rule."""

    @property
    def endless(self) -> bool:
        """True if a tag exempts it without an end."""
        return self.by_tag is not None and self.by_tag.until is None

    def until(self, rule: RuleId) -> datetime | None:
        """Return until when it is exempt from a rule; None if it is not, or if there is no end."""
        by_tag = [self.by_tag.until] if self.by_tag and self.by_tag.until else []
        return max((*by_tag, *(grant.until for other, grant in self.granted if other is rule)), default=None)

    @property
    def ends(self) -> frozenset[datetime]:
        """The end of each exemption that lasts the longest, for some rule."""
        by_tag = [self.by_tag.until] if self.by_tag and self.by_tag.until else []
        return frozenset((*by_tag, *(grant.until for _, grant in self.granted)))


def changes_of_state(
    rules: Iterable[RuleExplanation], exemptions: Exemptions, as_of: datetime
) -> tuple[ThresholdReached | ExemptionEnds, ...]:
    """Return when thresholds are reached and exemptions end after `as_of`, in order of time."""
    if exemptions.endless:
        return ()
    ends: dict[datetime, list[RuleId]] = defaultdict(list, {end: [] for end in exemptions.ends})
    reached: list[ThresholdReached] = []
    for rule in rules:
        broken_from, until = rule.reasons.broken_from, exemptions.until(rule.rule)
        if broken_from and until and broken_from <= until:
            ends[until].append(rule.rule)
        elif broken_from and broken_from > as_of:
            reached.append(ThresholdReached(broken_from, rule.rule, rule.reasons.threshold))
    ended = (ExemptionEnds(end, tuple(broken)) for end, broken in ends.items())
    return tuple(sorted((*reached, *ended), key=lambda event: event.at))


def next_messages(row: Row, users: Iterable[Owner | NoOwner], history: NotificationHistory) -> Iterator[OwnerNotified]:
    """Yield which owners are told of a row's findings next, each once."""
    if not row.findings or history.remind_after is None:
        return
    keys = finding_keys([row])
    for owner in dict.fromkeys(user for user in users if isinstance(user, Owner)):
        yield OwnerNotified(reminder_due_at(keys, history.last_nudges.get(owner.user_id), history.remind_after), owner)
