"""The team's thresholds and lists, frozen: what the rules are built from."""

import json
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


def policy_fingerprint(policy: Policy) -> str:
    """Return all of a policy that decides what is found, as a text: the same text, the same rules."""
    decides = {
        "stopped_days": policy.stopped_days,
        "running_days": policy.running_days,
        "grace_hours": policy.grace_hours,
        "allowed_regions": sorted(policy.allowed_regions),
        "exempt_tags": sorted(policy.exempt_tags),
        "owner_tags": policy.owner_tags,  # in order of preference
        "not_identifiers": sorted(policy.not_identifiers),
    }
    return json.dumps(decides, separators=(",", ":"))
