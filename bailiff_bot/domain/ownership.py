"""What people said of who owns an instance: "not mine", or an owner that triage assigned.

Either counts while the name and the owner tags are as they were when it was said.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.owner_tag import BAILIFF_OWNER_TAG, owner_tag_keys
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class Disclaimer:
    """Somebody said "not mine", and is no owner for a while."""

    id: str
    subject: Subject
    title: str
    """The instance in a sentence, as the message named it."""
    user_id: str
    """The id of the Slack user."""
    name: str
    """The name that Slack showed of this user."""
    address: str
    """The user's e-mail address, case-folded."""
    said_at: datetime
    until: datetime
    """The first instant at which it does not count any more; if it was undone, that time."""
    fingerprint: str
    """The `ownership_fingerprint` of the instance when it was said."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Triage decided who owns an instance. It has no end of its own. Of several, the latest counts."""

    id: str
    subject: Subject
    user_id: str
    """The id of the Slack user who owns it."""
    name: str
    """The name that Slack showed of this user."""
    address: str
    """The user's e-mail address, case-folded. Without one nobody can be assigned."""
    assigned_by: str
    """The id of the Slack user who decided it."""
    assigner: str
    """The name that Slack showed of that user."""
    assigned_at: datetime
    fingerprint: str
    """The `ownership_fingerprint` of the instance when it was decided."""


@dataclass(frozen=True, slots=True)
class OwnershipClaims:
    """What was said of who owns instances, each in the order of time."""

    disclaimers: tuple[Disclaimer, ...] = ()
    assignments: tuple[Assignment, ...] = ()


Ownership = Mapping[Subject, OwnershipClaims]
"""By subject, what was said of its owner and is not over."""

NO_OWNERSHIP: Ownership = {}


@dataclass(frozen=True, slots=True)
class CountingClaims:
    """What counts of the claims on one instance."""

    assignment: Assignment | None = None
    """The owner that triage assigned."""
    disclaimers: tuple[Disclaimer, ...] = ()
    """Of people who are no owners."""

    @property
    def disclaimed(self) -> frozenset[str]:
        """The addresses of the people who are no owners."""
        return frozenset(one.address for one in self.disclaimers)


def live_ownership(claims: OwnershipClaims, now: datetime) -> Ownership:
    """Return the claims that are not over, by subject."""
    disclaimers: dict[Subject, list[Disclaimer]] = defaultdict(list)
    assignments: dict[Subject, list[Assignment]] = defaultdict(list)
    for disclaimer in claims.disclaimers:
        if disclaimer.said_at <= now < disclaimer.until:
            disclaimers[disclaimer.subject].append(disclaimer)
    for assignment in claims.assignments:
        if assignment.assigned_at <= now:
            assignments[assignment.subject].append(assignment)
    subjects = disclaimers.keys() | assignments.keys()
    return {one: OwnershipClaims(tuple(disclaimers[one]), tuple(assignments[one])) for one in subjects}


def counting_claims(claims: OwnershipClaims, instance: Instance, policy: Policy) -> CountingClaims:
    """Return what counts of the live claims on an instance, whose name or owner tags may have changed since.

    The latest assignment counts, unless that person said "not mine" since. A disclaimer counts, unless the latest
    assignment is of the same person and later. Each person is among the disclaimers once, with the latest one.
    """
    fingerprint = ownership_fingerprint(instance, policy)
    same = [one for one in claims.assignments if one.fingerprint == fingerprint]
    latest = max(same, key=lambda one: (one.assigned_at, one.id), default=None)
    said = sorted(claims.disclaimers, key=lambda one: (one.said_at, one.id))
    disclaimers = {
        one.address: one for one in said if one.fingerprint == fingerprint and not _is_overridden(one, latest)
    }
    if latest and latest.address in disclaimers:
        latest = None
    return CountingClaims(latest, tuple(sorted(disclaimers.values(), key=lambda one: (one.said_at, one.id))))


def _is_overridden(disclaimer: Disclaimer, latest: Assignment | None) -> bool:
    return latest is not None and latest.address == disclaimer.address and latest.assigned_at > disclaimer.said_at


def ownership_fingerprint(instance: Instance, policy: Policy) -> str:
    """Return a text that changes when the name or the value of an owner tag changes, except of Bailiff's own.

    For a controller, `instance` is its representative (`Case.instance`).
    """
    tags = [
        (key.strip().casefold(), instance.tags[key])
        for key in owner_tag_keys(instance, policy)
        if key.strip().casefold() != BAILIFF_OWNER_TAG
    ]
    return sha256(json.dumps([instance.name or "", sorted(tags)]).encode()).hexdigest()
