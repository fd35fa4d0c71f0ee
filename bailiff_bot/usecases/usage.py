"""Reads the usage of running instances after a scan: only the days that are not known yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

import structlog

from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.usage_figures import UsageFigures, usage_days
from bailiff_bot.domain.usage_questions import (
    UsageAnswers,
    UsageByTarget,
    UsageQuestion,
    better_days,
    days_of,
    usage_questions,
)

log = structlog.get_logger()


class UsageReader(Protocol):
    """Asks CloudWatch."""

    def read(self, questions: Mapping[Target, Sequence[UsageQuestion]]) -> UsageAnswers:
        """Return the answers. What could not be read is a gap; it raises nothing."""
        ...


class UsageStore(Protocol):
    """Stores the usage of days. Raises StoreError."""

    def since(self, first: date) -> UsageByTarget:
        """Return what is known of each instance from a day on."""
        ...

    def save(self, usage: UsageByTarget) -> None:
        """Save days, in place of what was known of them."""
        ...


@dataclass(frozen=True, slots=True)
class ReadUsage:
    """Adds the usage of running instances to a snapshot. `idle_days` is the length of the window, in UTC days."""

    reader: UsageReader
    store: UsageStore
    idle_days: int

    def __call__(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with usage, and with a gap for each target of which not all could be read.

        An instance of such a target has the days that were known before. Raises StoreError.
        """
        inventory = snapshot.inventory
        window = usage_days(self.idle_days, inventory.scanned_at)
        known = self.store.since(window[0])
        questions = usage_questions(filter(_runs, inventory.instances), window, known)
        answers = self.reader.read(questions) if questions else UsageAnswers({})
        _log(answers, sum(map(len, questions.values())))
        news = _news(answers.days, known)
        self.store.save(news)
        instances = (_with_usage(one, known, news, inventory.scanned_at) for one in inventory.instances)
        return replace(
            snapshot,
            inventory=replace(inventory, instances=tuple(instances)),
            other_gaps=(*snapshot.other_gaps, *answers.gaps),
        )


def _runs(instance: Instance) -> bool:
    return instance.state is InstanceState.RUNNING


def _news(answered: UsageByTarget, known: UsageByTarget) -> UsageByTarget:
    """Return the days of answers that say more than what was known."""
    return {
        target: {
            instance_id: better_days(days, known.get(target, {}).get(instance_id, {}))
            for instance_id, days in instances.items()
        }
        for target, instances in answered.items()
    }


def _with_usage(instance: Instance, known: UsageByTarget, news: UsageByTarget, read_at: datetime) -> Instance:
    if not _runs(instance):
        return instance
    return replace(instance, usage=UsageFigures(read_at, {**days_of(known, instance), **days_of(news, instance)}))


def _log(answers: UsageAnswers, instances: int) -> None:
    if instances:
        usd = round(answers.usd, 5)
        log.info("usage.read", instances=instances, metrics=answers.metrics, calls=answers.calls, usd=usd)
