"""The rule that an instance which nobody uses is stopped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.facts import launch_fact, state_fact
from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import InstanceState, days_between
from bailiff_bot.domain.rules.reasons import Reasons
from bailiff_bot.domain.rules.rule import Breach, Rule, between_states


@dataclass(frozen=True, slots=True)
class StoppedWhenUnused(Rule):
    """Asks about an instance that is running for `running_days` or more: its age alone does not say if it is used."""

    running_days: int

    sort_key = attrgetter("instance.launched_at", "instance.id")

    def check(self, case: Case, as_of: datetime) -> Breach | None:
        """Return for how long it is running, as a question."""
        instance = case.instance
        if instance.state is not InstanceState.RUNNING:
            return None
        age = days_between(instance.launched_at, as_of)
        return None if age < self.running_days else Breach(f"running for {age} days", asks=True)

    def undetermined(self, case: Case, _as_of: datetime) -> Gap | None:
        """Return a gap while the instance is in transition."""
        return between_states(case)

    def explain(self, case: Case) -> Reasons:
        """Return the state, and the last start."""
        instance = case.instance
        running = instance.state is InstanceState.RUNNING
        broken_from = instance.launched_at + timedelta(days=self.running_days) if running else None
        facts = (state_fact(instance), launch_fact(instance))
        return Reasons(f"running for {self.running_days} days", facts, broken_from)
