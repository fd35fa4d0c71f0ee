"""Interfaces to stores that several use cases need. One that a single use case needs stands beside it."""

from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.action_result import ActionResult
from bailiff_bot.domain.audit import AuditRecord
from bailiff_bot.domain.delegation import Delegation
from bailiff_bot.domain.grants import Grant


class AuditLog(Protocol):
    """The audit log. Raises StoreError."""

    def append(self, record: AuditRecord) -> int:
        """Append a record."""
        ...


class DelegationReader(Protocol):
    """Finds delegations. Raises StoreError."""

    def of_delegate(self, user_id: str, now: datetime) -> tuple[Delegation, ...]:
        """Return those by which a user acts for somebody now."""
        ...


class EndingStore(Protocol):
    """Stores how what people made was ended or undone, each once. Raises StoreError."""

    def end(self, result: ActionResult, record: AuditRecord) -> ActionResult:
        """End what was made, save the result and its record. Returns the earlier result if it was ended before."""
        ...

    def ended(self, made_id: str) -> ActionResult | None:
        """Return how something was ended or undone; None if nobody did that."""
        ...


class ExemptionReader(Protocol):
    """Finds exemptions. Raises StoreError."""

    def get(self, exemption_id: str) -> Grant | None:
        """Return the exemption with this id; None if there is none."""
        ...


class ResultsOfUsers(Protocol):
    """Finds what users did. Raises StoreError."""

    def of_user(self, user_id: str, since: datetime) -> tuple[ActionResult, ...]:
        """Return what a user did from `since` on, in the order of time."""
        ...
