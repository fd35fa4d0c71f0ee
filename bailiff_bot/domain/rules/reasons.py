"""How a rule explains itself: what it reads, where from, and since when or from when on the rule is broken."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bailiff_bot.domain.case import Case
from bailiff_bot.domain.facts import ATTACH_TIME, Fact, launch_fact

ALWAYS = datetime.min.replace(tzinfo=UTC)
"""`Reasons.broken_from` of a rule that does not depend on the time."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a rule reads in a case, and from when on the case breaks it."""

    threshold: str
    """What breaks the rule, as a noun phrase: "running for 30 days"."""
    facts: tuple[Fact, ...]
    """What the rule reads. A time in it is compared with the threshold."""
    broken_from: datetime | None = None
    """From this time on the case breaks the rule, if nothing changes; None: never, or nobody can tell."""


def name_fact(case: Case) -> Fact:
    """Return the name, and where it was read."""
    source = f"the {case.controller.kind}, or a tag of its machines" if case.controller else "the Name tag"
    return Fact("name", case.instance.name, source)


def creation_fact(case: Case) -> Fact:
    """Return when it was created, as far as EC2 shows it: an attachment before the last start, else the start."""
    attached = case.instance.attached_at
    if not attached or attached >= case.instance.launched_at:
        return launch_fact(case.instance)
    if case.controller:
        return Fact("first machine", attached, "the earliest LaunchTime or AttachTime of its machines")
    return Fact("attached", attached, ATTACH_TIME)
