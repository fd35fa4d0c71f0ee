"""The rule that an instance which is stopped for long is deleted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.facts import state_fact, stop_fact
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import InstanceState, days_between
from bailiff_bot.domain.rules.reasons import Reasons
from bailiff_bot.domain.rules.rule import Breach, Rule, between_states

_STOP_NOT_DATED = Gap(GapSource.RULE, None, "stop not dated")


def _by_identifier(case: Case) -> tuple[str, datetime, str]:
    return case.identity.identifier or "", case.instance.last_action, case.instance.id


@dataclass(frozen=True, slots=True)
class DeletedWhenAbandoned(Rule):
    """Broken by an instance that is stopped for `stopped_days` or more."""

    stopped_days: int

    sort_key = staticmethod(_by_identifier)

    def check(self, case: Case, as_of: datetime) -> Breach | None:
        """Return for how long it is stopped: since the date from EC2, else since Bailiff first saw it stopped."""
        instance = case.instance
        if instance.state is not InstanceState.STOPPED:
            return None
        since = instance.stopped_at or instance.seen_stopped_since
        if since is None or (age := days_between(since, as_of)) < self.stopped_days:
            return None
        return Breach(f"stopped for {age} days" if instance.stopped_at else f"stopped for at least {age} days")

    def undetermined(self, case: Case, _as_of: datetime) -> Gap | None:
        """Return a gap while the instance is in transition, or stopped without a date from EC2."""
        if gap := between_states(case):
            return gap
        return None if case.instance.last_action_is_dated else _STOP_NOT_DATED

    def explain(self, case: Case) -> Reasons:
        """Return the state, and the date of the stop."""
        instance, threshold = case.instance, f"stopped for {self.stopped_days} days"
        if instance.state is not InstanceState.STOPPED:
            return Reasons(threshold, (state_fact(instance),))
        since = instance.stopped_at or instance.seen_stopped_since
        broken_from = since and since + timedelta(days=self.stopped_days)
        return Reasons(threshold, (state_fact(instance), stop_fact(instance)), broken_from)
