"""CloudWatch and the store of usage, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bailiff_bot.domain.gap import Gap
from bailiff_bot.domain.instance import Target
from bailiff_bot.domain.usage_figures import NO_FIGURES, DayFigures
from bailiff_bot.domain.usage_questions import UsageAnswers, UsageByTarget, UsageQuestion

Questions = Mapping[Target, Sequence[UsageQuestion]]


@dataclass
class FakeUsageReader:
    """Answers with the figures of each instance and day, and with a gap for each target that has one."""

    figures: dict[str, dict[date, DayFigures]] = field(default_factory=dict)
    gaps: dict[Target, Gap] = field(default_factory=dict)
    asked: list[Questions] = field(default_factory=list)

    def read(self, questions: Questions) -> UsageAnswers:
        self.asked.append(questions)
        answered = {target: asked for target, asked in questions.items() if target not in self.gaps}
        days = {target: {one.instance_id: self._days(one) for one in asked} for target, asked in answered.items()}
        gaps = tuple(gap for target, gap in self.gaps.items() if target in questions)
        return UsageAnswers(days, gaps, calls=len(days), metrics=3 * sum(map(len, days.values())))

    def _days(self, question: UsageQuestion) -> dict[date, DayFigures]:
        days = [question.first + timedelta(days=number) for number in range((question.last - question.first).days + 1)]
        return {day: self.figures.get(question.instance_id, {}).get(day, NO_FIGURES) for day in days}


@dataclass
class FakeUsageStore:
    """Keeps what is saved."""

    days: dict[Target, dict[str, dict[date, DayFigures]]] = field(default_factory=dict)
    saved: list[UsageByTarget] = field(default_factory=list)

    def since(self, first: date) -> UsageByTarget:
        return {
            target: {
                one: {day: found for day, found in days.items() if day >= first} for one, days in instances.items()
            }
            for target, instances in self.days.items()
        }

    def save(self, usage: UsageByTarget) -> None:
        self.saved.append(usage)
        for target, instances in usage.items():
            for instance_id, days in instances.items():
                self.days.setdefault(target, {}).setdefault(instance_id, {}).update(days)
