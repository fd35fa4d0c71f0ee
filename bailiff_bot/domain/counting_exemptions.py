"""The exemptions that count now: those that were granted in Slack, and exempting tags."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bailiff_bot.domain.exemption import ExemptingTag, exempting_tags
from bailiff_bot.domain.grants import FIRST_SHOWN_EXTENSION, Grant, Grants
from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.report import OtherTable, Report, Row
from bailiff_bot.domain.rules import RuleId
from bailiff_bot.domain.subject import Subject, instance_subject

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GrantedExemption:
    """An exemption that was granted in Slack."""

    grant: Grant
    rules: tuple[RuleId, ...]
    """The rules for which it lasts the longest."""
    row: Row | None
    """None if the region was not read."""

    @property
    def until(self) -> datetime:
        """The first instant without it."""
        return self.grant.until

    @property
    def title_of_unread(self) -> str:
        """What the subject is called where its name is not known."""
        return self.grant.subject.id


@dataclass(frozen=True, slots=True)
class TagExemption:
    """The exempting tag of an instance that lasts the longest."""

    tag: ExemptingTag
    row: Row

    @property
    def until(self) -> datetime | None:
        """The first instant without it; None if it has no end."""
        return self.tag.exempted.until


CountingExemption = GrantedExemption | TagExemption


def counting_exemptions(report: Report, grants: Grants) -> tuple[CountingExemption, ...]:
    """Return the exemptions that count, in the order of their ends; those without an end last.

    `grants` are those by which the report was judged. Those of instances that are gone are left out.
    """
    found: tuple[CountingExemption, ...] = (*_granted(report, grants), *_by_tag(report))
    return tuple(sorted(found, key=lambda one: (one.until or _NEVER, _subject(one))))


def extended_again(exemptions: Iterable[CountingExemption]) -> tuple[GrantedExemption, ...]:
    """Return the exemptions that are shown to administrators, because they were extended more than once."""
    granted = (one for one in exemptions if isinstance(one, GrantedExemption))
    return tuple(one for one in granted if one.grant.extensions >= FIRST_SHOWN_EXTENSION)


def _subject(exemption: CountingExemption) -> Subject:
    return exemption.grant.subject if isinstance(exemption, GrantedExemption) else subject_of(exemption.row)


def _granted(report: Report, grants: Grants) -> Iterator[GrantedExemption]:
    rows, read = _rows(report, grants), frozenset(report.coverage.read)
    for subject, by_rule in grants.items():
        row = rows.get(subject)
        if row is None and subject.target in read:
            continue  # it is gone
        for grant, rules in _rules_by_grant(by_rule):
            yield GrantedExemption(grant, rules, row)


def _rules_by_grant(by_rule: Mapping[RuleId, Grant]) -> Iterator[tuple[Grant, tuple[RuleId, ...]]]:
    rules: dict[str, list[RuleId]] = defaultdict(list)
    for rule, grant in by_rule.items():
        rules[grant.id].append(rule)
    for grant in {grant.id: grant for grant in by_rule.values()}.values():
        yield grant, tuple(rule for rule in RuleId if rule in rules[grant.id])


def _rows(report: Report, grants: Grants) -> Mapping[Subject, Row]:
    """Return the row of each subject; of a machine that a controller manages by now, the controller's."""
    return {
        subject: row
        for row in report.rows
        for subject in (subject_of(row), *map(instance_subject, row.instances))
        if subject in grants
    }


def _by_tag(report: Report) -> Iterator[TagExemption]:
    for row in report.table(OtherTable.EXEMPT).rows:
        instance = row.instance
        tags = exempting_tags(instance.tags, report.policy, report.as_of, instance.first_exempt)
        counting = next((tag for tag in tags if row.case.exemption and tag.exempted == row.case.exemption), None)
        if counting:
            yield TagExemption(counting, row)
