"""An instance of which a digest told, as it was then: savings are measured from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bailiff_bot.domain.history import subject_of
from bailiff_bot.domain.instance import STEADY_STATES, Instance
from bailiff_bot.domain.report import Report, Row
from bailiff_bot.domain.run_by_others import is_scheduled
from bailiff_bot.domain.subject import Subject, instance_subject
from bailiff_bot.domain.volume import Volume, Volumes

_ON_DEMAND = "on-demand"
"""AWS itself ends machines that were bought in another way, and EC2 does not say that of one that is gone."""


@dataclass(frozen=True, slots=True)
class ToldInstance:
    """An instance of which a digest told."""

    instance: Instance
    """As a scan saw it at `seen_at`; it has no tags and no usage. What is saved of it later is already left out."""
    volumes: tuple[Volume, ...]
    """Those of its volumes that were read."""
    title: str
    """How messages name it: `agr-web (i-0abc)`."""
    owner_names: tuple[str, ...]
    """The names of its owners in Slack."""
    evidence: str
    """What the digest said of it: "idle for 14 days: CPU at most 2.1 %"."""
    seen_at: datetime
    told_at: datetime
    """When a digest told of it first. Before it is sent, the time of its scan stands for that."""
    is_scheduled: bool = False
    """True if a scheduler stops and starts it, so that nobody knows for how many hours it runs."""

    @property
    def subject(self) -> Subject:
        """Its subject."""
        return instance_subject(self.instance)


def told_instances(
    report: Report,
    volumes: Volumes,
    titles: Mapping[Subject, tuple[str, tuple[str, ...]]],
    schedule_tags: Iterable[str],
) -> Iterator[ToldInstance]:
    """Yield the flagged instances of a digest's report of which something can be saved.

    `titles` has the title of each of them and the names of its owners. Machines of a controller are left out, and what
    is not bought on demand: whether somebody stopped or deleted it, EC2 does not tell. So are machines in transition.
    """
    for row in report.flagged:
        if _can_be_saved(row):
            title, names = titles[subject_of(row)]
            told = _told(row, volumes, title, names, report.as_of)
            yield replace(told, is_scheduled=is_scheduled(row.instance, schedule_tags))


def _can_be_saved(row: Row) -> bool:
    billing = row.instance.billing
    is_on_demand = billing is not None and billing.lifecycle == _ON_DEMAND
    return row.controller is None and is_on_demand and row.instance.state in STEADY_STATES


def _told(row: Row, volumes: Volumes, title: str, names: tuple[str, ...], at: datetime) -> ToldInstance:
    found = tuple(volumes[one] for one in row.instance.volume_ids if one in volumes)
    evidence = ", ".join(finding.evidence for finding in row.findings)
    return ToldInstance(slim(row.instance), found, title, names, evidence, at, at)


def slim(instance: Instance) -> Instance:
    """Return an instance with what its price depends on, and when it was started."""
    return Instance(
        instance.id,
        instance.target,
        instance.type,
        instance.state,
        instance.launched_at,
        billing=instance.billing,
        volume_ids=instance.volume_ids,
        public_addresses=instance.public_addresses,
    )
