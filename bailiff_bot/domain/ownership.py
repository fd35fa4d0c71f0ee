"""What people said of who owns an instance: "not mine", or an owner that triage assigned.

Either counts while the name and the owner tags are as they were when it was said.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.owner_tag import owner_tag_keys
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.subject import Subject

BAILIFF_OWNER_TAG = "bailiff:owner"
"""The tag with which Bailiff itself remembers an owner. It is no change by the team."""


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


def ownership_fingerprint(instance: Instance, policy: Policy) -> str:
    """Return a text that changes when the name or the value of an owner tag changes.

    For a controller, `instance` is its representative (`Case.instance`).
    """
    tags = [
        (key.strip().casefold(), instance.tags[key])
        for key in owner_tag_keys(instance, policy)
        if key.strip().casefold() != BAILIFF_OWNER_TAG
    ]
    return sha256(json.dumps([instance.name or "", sorted(tags)]).encode()).hexdigest()
