"""The policy: the team's thresholds and lists, from which the rules are built."""

from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

NOT_IDENTIFIERS = frozenset(
    "PROD DEV TEST WEB API APP DB VPN NAT DEMO TEMP TMP MAIN NODE HOST CORE DATA GPU SQL SRV SVC UAT QA VM".split()
)
"""Words that name machines, not people. Only words of three or four letters matter: identifiers have as many."""

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Policy:
    """The team's thresholds and lists."""

    stopped_days: int = 15
    """An instance stopped for this many days is abandoned."""
    running_days: int = 30
    """An instance running for this many days may be unused."""
    grace_hours: int = 24
    """An instance needs neither name nor owner in this many hours after its creation."""
    allowed_regions: frozenset[str] = frozenset()
    """The regions in which instances may be; empty: all."""
    exempt_tags: tuple[str, ...] = ("bailiff:exempt",)
    """`key` or `key=value`; both may contain `*`. Instances with such a tag are counted apart.

    Without `=value`, the tag's own value may say until when it exempts.
    """
    managed_tags: tuple[str, ...] = ()
    """`key=Label` or `key=value=Label`: further tags of managed machines, which come before the built-in ones."""
    owner_tags: tuple[str, ...] = ("Owner", "aws:cloud9:owner")
    """Tags whose value names the owners, in order of preference. Case and outer blanks of a key do not matter."""
    owner_domain: str = ""
    """Completes `first.last` in an owner tag to an e-mail address. Empty: such a value means nobody."""
    not_identifiers: frozenset[str] = NOT_IDENTIFIERS
    """Words in upper case that are never read as an identifier."""
    expected_unread: tuple[str, ...] = ()
    """Targets that cannot be read, as expected: `region`, `account` or `account/region`; `*` is allowed."""
    zone: tzinfo = _UTC
    """The team's time zone: a day in the value of an exempting tag ends at its midnight."""
    exempt_tag_days: int = 0
    """Days after which an exempting tag without an end exempts no more, from the first scan that saw one; 0: never."""
    reads_usage: bool = False
    """Whether usage decides in `stopped-when-unused`; else only its age asks."""
    idle_days: int = 14
    """Usage is judged by the last so many UTC days."""
    idle_cpu: float = 5
    """Percent: an instance is idle only if its CPU stayed below it on every day."""
    idle_network_mb: float = 5
    """10^6 bytes a day, in plus out: an instance is idle only if its traffic stayed below it on every day."""
    used_cpu: float = 10
    """Percent: an instance is used if its average CPU reached it on a day."""
    used_network_mb: float = 1000
    """10^6 bytes a day, in plus out: an instance is used if its traffic reached it on a day."""
