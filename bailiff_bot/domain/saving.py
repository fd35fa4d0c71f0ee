"""What a change of an instance saves, and how much of it counts in a period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bailiff_bot.domain.cost import HOURS_A_MONTH, Cost, CostPart
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.subject import Subject, instance_subject

LASTS_FROM = timedelta(hours=24)
"""What lasted for less saved nothing."""
COUNTS_FOR = timedelta(days=365)
"""After so long, nobody knows what the instance would have cost."""


Span = tuple[datetime, datetime]
"""From the first time to the second."""


class SavingKind(StrEnum):
    """What was done to an instance. Each kind saves another part of its cost, so that no part counts twice."""

    RESIZED = "resized"
    """It saves the difference between two types."""
    STOPPED = "stopped"
    """It saves what the smaller one costs to run."""
    DELETED = "deleted"
    """It saves the rest, if that does not stay."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A change of an instance of which a digest had told, and what it saves a month."""

    kind: SavingKind
    since: datetime
    """When it was done, or the first scan that shows it if AWS does not say that."""
    before: Instance
    """As it was told of, or as an earlier saving left it."""
    after_type: str
    """The type of the instance after the change."""
    cost_before: Cost
    """What the parts of the instance cost that the change is about, at the prices of that day."""
    cost_after: Cost
    """What stays of that, at the same prices; Bailiff's own image included."""
    lasted_until: datetime
    """The last scan that showed it. What nobody has seen counts for nothing."""
    counts_to: datetime
    title: str
    """How messages name the instance: `agr-web (i-0abc)`."""
    evidence: str
    """What the digest had said of the instance."""
    told_at: datetime
    """When a digest told of it first."""
    names: tuple[str, ...] = ()
    """Whom to thank: who asked Bailiff for it, else the owners, by their names in Slack."""
    by_bailiff: bool = False
    """True if Bailiff did it."""
    volumes: Mapping[str, Decimal | None] = field(default_factory=dict)
    """By their ids, what the volumes cost of which nobody knows yet whether they stay; None: not priced.

    Until that is known, nothing is counted for them.
    """
    image: Cost | None = None
    """What Bailiff's own image costs at its largest; None if it made none."""
    unseen: Span | None = None
    """When nobody saw whether it lasted: from the last scan that showed the instance to the first without it."""
    is_over: bool = False

    @property
    def subject(self) -> Subject:
        """The instance."""
        return instance_subject(self.before)

    @property
    def counts(self) -> bool:
        """True once it has lasted for 24 hours."""
        return self.lasted_until - self.since >= LASTS_FROM

    @property
    def not_priced(self) -> frozenset[CostPart]:
        """The parts of which nothing is counted, because something in them has no price or is not known."""
        pending = frozenset({CostPart.VOLUMES} if self.volumes else ())
        return self.cost_before.not_priced | self.cost_after.not_priced | pending

    @property
    def usd(self) -> Decimal:
        """What it saves a month, in US dollars. It is negative if an image costs more than what was deleted."""
        before, after = self.cost_before, self.cost_after
        amounts = (
            (CostPart.COMPUTE, before.compute - after.compute),
            (CostPart.VOLUMES, before.volumes - after.volumes),
            (CostPart.ADDRESSES, before.addresses - after.addresses),
        )
        return sum((usd for part, usd in amounts if part not in self.not_priced), Decimal(0))

    def usd_between(self, start: datetime, end: datetime) -> Decimal:
        """Return what it saved in a period, in US dollars: only while scans showed it, and at most for 12 months."""
        if not self.counts:
            return Decimal(0)
        end = min(end, self.lasted_until, self.counts_to)
        seconds = _seconds(start, end, (self.since, end)) - (_seconds(start, end, self.unseen) if self.unseen else 0)
        return self.usd * Decimal(seconds) / (HOURS_A_MONTH * 3600)

    def lasts(self, last_scan: datetime) -> bool:
        """Return True if it counts from now on: the last scan showed it, and it counts for less than 12 months."""
        return self.counts and not self.is_over and last_scan <= min(self.lasted_until, self.counts_to)


def _seconds(start: datetime, end: datetime, span: Span) -> float:
    return max(0.0, (min(end, span[1]) - max(start, span[0])).total_seconds())
