"""The team's thresholds and lists, frozen: what the rules are built from."""

from dataclasses import dataclass

NOT_IDENTIFIERS = frozenset(
    "PROD DEV TEST WEB API APP DB VPN NAT DEMO TEMP TMP MAIN NODE HOST CORE DATA GPU SQL SRV SVC UAT QA VM".split()
)
"""Words that name machines, not people. Only those of three or four letters could be taken for an identifier."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a team wants of its instances."""

    stopped_days: int = 15
    """An instance stopped for this many days is abandoned."""
    running_days: int = 30
    """An instance running for this many days must be asked about."""
    grace_hours: int = 24
    """For this long after its start, an instance needs neither name nor owner."""
    allowed_regions: frozenset[str] = frozenset()
    """The regions to start things in; empty: all."""
    exempt_tags: tuple[str, ...] = ("bailiff:exempt",)
    """`key` or `key=value`, `*` allowed in both: such instances are counted apart."""
    owner_tags: tuple[str, ...] = ("Owner", "owner")
    """Tags whose value is an identifier or an e-mail address, in order of preference."""
    not_identifiers: frozenset[str] = NOT_IDENTIFIERS
    expected_unread: tuple[str, ...] = ()
    """Targets known to be closed: `region`, `account` or `account/region`, `*` allowed."""
