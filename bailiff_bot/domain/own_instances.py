"""The instances of one person, in answer to `mine`."""

from dataclasses import dataclass

from bailiff_bot.domain.report import Report


@dataclass(frozen=True, slots=True)
class OwnInstances:
    """The instances of one person."""

    report: Report
    query: str
    """The requested address or identifier."""
    owner_keys: tuple[str, ...]
    """The identifiers and addresses under which the instances were found."""
    ambiguous: tuple[str, ...] = ()
    """Identifiers that the directory lists for this person and for another one. Their instances are left out."""
