"""Builders of what people say of who owns an instance."""

from datetime import datetime, timedelta

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.ownership import Assignment, Disclaimer, ownership_fingerprint
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.subject import instance_subject
from tests.builders import NOW

DAY = timedelta(days=1)


def disclaimer(found: Instance, at: datetime = NOW, until: datetime = NOW + 14 * DAY, name: str = "Ada") -> Disclaimer:
    """Return that somebody said that an instance is not theirs."""
    subject, title = instance_subject(found), f"{found.name} ({found.id})"
    fingerprint = ownership_fingerprint(found, Policy())
    return Disclaimer(f"{name} {found.id}", subject, title, "U1", name, "agr@octo.example", at, until, fingerprint)


def assignment(found: Instance, at: datetime = NOW, name: str = "Mel") -> Assignment:
    """Return that Max assigned an instance to somebody."""
    owner = ("U2", name, "mlg@octo.example")
    fingerprint = ownership_fingerprint(found, Policy())
    return Assignment(f"{name} {at}", instance_subject(found), *owner, "U9", "Max", at, fingerprint)
