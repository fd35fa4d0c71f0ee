"""The rules on the name. They exclude each other: an instance breaks at most one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.facts import Fact, state_fact
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.identity import DirectoryStatus
from bailiff_bot.domain.instance import STEADY_STATES
from bailiff_bot.domain.invisible import without_invisible_start
from bailiff_bot.domain.rules.reasons import Reasons, creation_fact, name_fact
from bailiff_bot.domain.rules.rule import Breach, Rule, between_states

_HOUR = timedelta(hours=1)
_JUST_CREATED = Gap(GapSource.RULE, None, "just created")
_DIRECTORY_NOT_CHECKED = Gap(GapSource.DIRECTORY, None, "not checked against the directory")
_NOT_CHECKED = frozenset({DirectoryStatus.UNAVAILABLE, DirectoryStatus.UNCHECKED})


def _by_name(case: Case) -> tuple[str, str]:
    return without_invisible_start(case.instance.name or "").casefold(), case.instance.id


@dataclass(frozen=True, slots=True)
class NamingRule(Rule):
    """A rule on the name. It reports nothing while the instance is in transition or in the grace after its creation."""

    grace_hours: int

    def undetermined(self, case: Case, as_of: datetime) -> Gap | None:
        """Return a gap while the instance is in transition, or in its grace with a name that is not right.

        In the grace a remembered finding may come back as one of another rule on the name.
        """
        if gap := between_states(case):
            return gap
        return _JUST_CREATED if self._in_grace(case, as_of) and _is_misnamed(case) else None

    def after_grace(self, evidence: str, case: Case, as_of: datetime) -> Breach | None:
        """Return the breach with this evidence; None while the name need not be right yet."""
        if case.instance.state not in STEADY_STATES or self._in_grace(case, as_of):
            return None
        return Breach(evidence)

    def reasons(self, case: Case, *facts: Fact, broken: bool) -> Reasons:
        """Return these facts and those of the grace. `broken`: the name breaks the rule once the grace is over."""
        instance = case.instance
        steady = instance.state in STEADY_STATES
        grace_ends = instance.created_at + self.grace_hours * _HOUR
        return Reasons(
            f"{self.grace_hours} hours after its creation",
            (*facts, *(() if steady else (state_fact(instance),)), creation_fact(case)),
            grace_ends if broken and steady else None,
        )

    def _in_grace(self, case: Case, as_of: datetime) -> bool:
        return as_of - case.instance.created_at < self.grace_hours * _HOUR


@dataclass(frozen=True, slots=True)
class Named(NamingRule):
    """Broken by an instance without a name."""

    sort_key = attrgetter("instance.launched_at", "instance.id")

    def check(self, case: Case, as_of: datetime) -> Breach | None:
        """Return that it has no name, or one in which nobody sees anything."""
        if not _is_unnamed(case):
            return None
        return self.after_grace("no name" if case.instance.name is None else "a blank name", case, as_of)

    def explain(self, case: Case) -> Reasons:
        """Return the name."""
        return self.reasons(case, name_fact(case), broken=_is_unnamed(case))


@dataclass(frozen=True, slots=True)
class Owned(NamingRule):
    """Broken by a name that does not start with an identifier."""

    sort_key = staticmethod(_by_name)

    def check(self, case: Case, as_of: datetime) -> Breach | None:
        """Return that the name has no identifier."""
        if not _is_unowned(case):
            return None
        return self.after_grace("no owner in the name", case, as_of)

    def explain(self, case: Case) -> Reasons:
        """Return the name, and the identifier that it starts with."""
        return self.reasons(case, name_fact(case), _identifier_fact(case), broken=_is_unowned(case))


@dataclass(frozen=True, slots=True)
class KnownOwner(NamingRule):
    """Broken by an identifier that a complete directory does not know."""

    sort_key = staticmethod(_by_name)

    def check(self, case: Case, as_of: datetime) -> Breach | None:
        """Return that the directory does not know the identifier."""
        if case.identity.identifier_status is not DirectoryStatus.UNKNOWN:
            return None
        return self.after_grace(f"{case.identity.identifier} is not in the directory", case, as_of)

    def undetermined(self, case: Case, as_of: datetime) -> Gap | None:
        """Return a gap also while the directory could not be asked about the identifier."""
        if gap := NamingRule.undetermined(self, case, as_of):
            return gap
        return _DIRECTORY_NOT_CHECKED if case.identity.identifier_status in _NOT_CHECKED else None

    def explain(self, case: Case) -> Reasons:
        """Return the identifier in the name, and what the directory says of it."""
        status = case.identity.identifier_status
        answer = (Fact("directory", status.value, "the people directory"),) if status else ()
        return self.reasons(case, _identifier_fact(case), *answer, broken=status is DirectoryStatus.UNKNOWN)


def _is_unnamed(case: Case) -> bool:
    return not (case.identity.identifier or _has_name(case))


def _is_unowned(case: Case) -> bool:
    return not case.identity.identifier and _has_name(case)


def _has_name(case: Case) -> bool:
    return bool(without_invisible_start(case.instance.name or ""))


def _identifier_fact(case: Case) -> Fact:
    return Fact("identifier", case.identity.identifier, "the start of the name")


def _is_misnamed(case: Case) -> bool:
    """Return True if the name breaks one of the three rules after the grace."""
    return case.identity.identifier is None or case.identity.identifier_status is DirectoryStatus.UNKNOWN
