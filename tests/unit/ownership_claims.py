"""Builders of what people said of who owns an instance."""

from dataclasses import replace
from datetime import datetime, timedelta

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.ownership import (
    Assignment,
    Disclaimer,
    Ownership,
    OwnershipClaims,
    live_ownership,
    ownership_fingerprint,
)
from bailiff_bot.domain.subject import instance_subject
from tests.builders import DEFAULT_POLICY, NOW

TRIAGE_DAYS = timedelta(days=14)


def disclaimer(
    of: Instance, who: str = "agr", said_at: datetime = NOW, until: datetime | None = None, user_id: str = "U1"
) -> Disclaimer:
    """Return that the person with an address at octo.example says "not mine"."""
    return Disclaimer(
        f"{who} {said_at}",
        instance_subject(of),
        str(of.name),
        user_id,
        f"{who.title()} Granger",
        f"{who}@octo.example",
        said_at,
        until or said_at + TRIAGE_DAYS,
        ownership_fingerprint(of, DEFAULT_POLICY),
    )


def assignment(of: Instance, who: str = "mlg", assigned_at: datetime = NOW, user_id: str = "U2") -> Assignment:
    """Return that triage assigns an instance to the person with an address at octo.example."""
    return Assignment(
        f"{who} {assigned_at}",
        instance_subject(of),
        user_id,
        f"{who.title()} Gray",
        f"{who}@octo.example",
        "UADM",
        "Tri Age",
        assigned_at,
        ownership_fingerprint(of, DEFAULT_POLICY),
    )


def claims(*said: Disclaimer | Assignment) -> OwnershipClaims:
    """Return what was said."""
    return OwnershipClaims(
        tuple(one for one in said if isinstance(one, Disclaimer)),
        tuple(one for one in said if isinstance(one, Assignment)),
    )


def ownership(*said: Disclaimer | Assignment, now: datetime = NOW) -> Ownership:
    """Return what was said and counts at a time."""
    return live_ownership(claims(*said), now)


def renamed(one: Instance, name: str) -> Instance:
    """Return an instance with another name."""
    return replace(one, tags={**one.tags, "Name": name})
