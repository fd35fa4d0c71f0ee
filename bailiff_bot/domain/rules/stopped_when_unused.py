"""The rule that an instance which nobody uses is stopped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.facts import Fact, launch_fact, state_fact
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import InstanceState, days_between
from bailiff_bot.domain.rules.reasons import ALWAYS, Reasons
from bailiff_bot.domain.rules.rule import Breach, Rule, between_states
from bailiff_bot.domain.usage import UsageVerdict
from bailiff_bot.domain.usage_text import idle_evidence, quiet_evidence, usage_value

_USAGE_SOURCE = "CloudWatch's hourly CPUUtilization, NetworkIn and NetworkOut"
_USAGE_UNKNOWN = Gap(GapSource.USAGE, None, "usage not known")


@dataclass(frozen=True, slots=True)
class StoppedWhenUnused(Rule):
    """Broken by an idle instance. Asks about one that is running for `running_days` or more, unless it is used."""

    running_days: int
    reads_usage: bool
    idle_days: int
    idle_cpu: float
    idle_network_mb: float
    used_cpu: float
    used_network_mb: float

    sort_key = attrgetter("instance.launched_at", "instance.id")

    def check(self, case: Case, as_of: datetime) -> Breach | None:
        """Return that it is idle, with its figures; else for how long it is running, as a question."""
        instance, usage = case.instance, case.usage
        if instance.state is not InstanceState.RUNNING or usage.verdict is UsageVerdict.USED:
            return None
        if usage.verdict is UsageVerdict.IDLE:
            return Breach(idle_evidence(usage))
        age = days_between(instance.launched_at, as_of)
        if age < self.running_days:
            return None
        is_quiet = usage.verdict is UsageVerdict.QUIET
        return Breach(quiet_evidence(age, usage) if is_quiet else f"running for {age} days", asks=True)

    def undetermined(self, case: Case, _as_of: datetime) -> Gap | None:
        """Return a gap while the instance is in transition, or what is not known of its usage may show it idle."""
        return between_states(case) or (_USAGE_UNKNOWN if case.usage.may_be_idle else None)

    def explain(self, case: Case) -> Reasons:
        """Return the state, the last start, and what CloudWatch says if usage is read."""
        instance, usage = case.instance, case.usage
        facts = [state_fact(instance), launch_fact(instance)]
        threshold = f"running for {self.running_days} days"
        if self.reads_usage:
            threshold = f"{self._idle_threshold}, or {threshold} {self._used_threshold}"
            facts.append(Fact("usage", usage_value(usage), _USAGE_SOURCE))
        return Reasons(threshold, tuple(facts), self._broken_from(case))

    @property
    def _idle_threshold(self) -> str:
        return (
            f"idle for {self.idle_days} days (CPU below {self.idle_cpu:g} %, below {self.idle_network_mb:g} MB a day)"
        )

    @property
    def _used_threshold(self) -> str:
        return f"without use (a day with CPU at {self.used_cpu:g} % on average, or {self.used_network_mb:g} MB)"

    def _broken_from(self, case: Case) -> datetime | None:
        instance, verdict = case.instance, case.usage.verdict
        if instance.state is not InstanceState.RUNNING or verdict is UsageVerdict.USED:
            return None
        return ALWAYS if verdict is UsageVerdict.IDLE else instance.launched_at + timedelta(days=self.running_days)
