"""The use cases: report, mine, digest, nudge. What reads AWS, the directory and Slack comes in as arguments."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bailiff_bot.domain.identity import People
from bailiff_bot.domain.owner import Debts, Owners, Unclaimed, addresses, label, owners_of
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.errors import SlackError
from bailiff_bot.snapshots import Snapshots

_NUDGES_AT_A_TIME = 4
"""One owner who is slow to be told delays no other."""

Clock = Callable[[], datetime]
"""Tells the instant, aware."""


class Roster(Protocol):
    """Who is who in the Slack workspace."""

    def owners(self, addresses: frozenset[str]) -> Owners:
        """Return the owner behind each e-mail address, or the reason why there is none."""
        ...


class Messenger(Protocol):
    """What carries the bot's messages."""

    def post_digest(self, digest: "Digest") -> "Posted":
        """Post the whole of a digest; raises SlackError when the first message did not arrive."""
        ...

    def post_nudge(self, debts: Debts, report: Report) -> None:
        """Tell one owner; raises SlackError when that did not arrive."""
        ...

    def tell_outcome(self, posted: "Posted", digest: "Digest", failures: "tuple[Untold, ...]") -> None:
        """Say in the digest's thread who was told, and who could not be; raises SlackError when that did not arrive."""
        ...


@dataclass(frozen=True, slots=True)
class Digest:
    """What is said to everyone once a day."""

    report: Report
    debts: tuple[Debts, ...]
    """Those of each owner that was found."""
    unclaimed: tuple[Unclaimed, ...]
    """Those of nobody that could be found."""
    nudges: str
    """`on`: the owners are told; `dry-run`: the thread says who would be; `off`."""
    preview_for: str | None = None
    """The Slack user who alone gets to see it; None: it goes into the channel."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a digest stands in Slack."""

    channel: str
    outcome_ts: str | None
    """The message of its thread that says who is told; None when there is nothing to say."""
    lost: tuple[str, ...] = ()
    """The tables and the file that could not be posted, with the reason, a line each."""


@dataclass(frozen=True, slots=True)
class Untold:
    """An owner who was found, and to whom the message did not get through."""

    debts: Debts
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a digest went."""

    digest: Digest
    told: int
    """How many owners were told."""
    faults: tuple[str, ...]
    """What did not arrive and who was not told, with the reason, a line each."""


@dataclass(frozen=True, slots=True)
class Mine:
    """What belongs to one person."""

    report: Report
    asked: str
    """The address or the identifier that was asked for."""
    whose: tuple[str, ...]
    """The identifiers and addresses under which it was found."""
    shared: tuple[str, ...] = ()
    """Identifiers of the caller that somebody else claims too: left out, for nobody knows whose they are."""


class Bailiff:
    """The use cases over one scanner, one rule engine and one report."""

    def __init__(self, snapshots: Snapshots, policy: Policy, clock: Clock) -> None:
        self._snapshots = snapshots
        self._policy = policy
        self._clock = clock

    @property
    def has_snapshot(self) -> bool:
        """Whether `report` and `mine` answer at once."""
        return self._snapshots.latest is not None

    def when_seen(self, then: Callable[[], None]) -> None:
        """Have something done, in another thread, when the next scan has ended, well or not."""
        self._snapshots.renew().add_done_callback(lambda _: then())

    def now(self) -> datetime:
        """Return the instant by the clock that everything here goes by."""
        return self._clock()

    def report(self) -> Report:
        """Return the whole tenant's report: from the latest snapshot at once, else from a scan that askers share."""
        snapshot = self._snapshots.current()
        return judge(snapshot.inventory, snapshot.people, self._policy, self._clock())

    def fresh_report(self) -> Report:
        """Return the report of a scan that is made now."""
        snapshot = self._snapshots.renewed()
        return judge(snapshot.inventory, snapshot.people, self._policy, self._clock())

    def mine(self, address: str) -> Mine | None:
        """Return what belongs to the person with an e-mail address, who need not be in the directory to be in a tag.

        Returns None when the directory does not list the address and no owner tag holds it.
        """
        people = self._snapshots.current().people
        wanted = address.casefold()
        listed = people.identifiers(wanted)
        own = {identifier for identifier in listed if people.address(identifier)}
        report = self.report().only(lambda row: row.identity.address == wanted)
        if not listed and not report.count:
            return None
        whose = own | {label(row.identity) for row in report.rows} or {wanted}
        return Mine(report, wanted, tuple(sorted(whose)), tuple(sorted(listed - own)))

    def under(self, identifier: str) -> Mine:
        """Return what stands under an identifier, whether or not the directory knows it."""
        report = self.report().only(lambda row: identifier in {row.identity.lead, row.identity.identifier})
        return Mine(report, identifier, (identifier,))

    def people(self) -> People:
        """Return what the directory answered for the latest snapshot."""
        return self._snapshots.current().people

    def digest(self, roster: Roster, messenger: Messenger, nudges: str, preview_for: str | None = None) -> Outcome:
        """Scan, post the digest, then tell each owner: one who cannot be told keeps no other from being told."""
        report = self.fresh_report()
        debts, unclaimed = owners_of(report, roster.owners(addresses(report)))
        digest = Digest(report, debts, unclaimed, nudges, preview_for)
        posted = messenger.post_digest(digest)
        unanswered = tuple(f"{one.whose} was not told: {one.reason}" for one in unclaimed if one.unanswered)
        faults = (*(f"lost: {part}" for part in posted.lost), *unanswered)
        if nudges != "on" or preview_for is not None or not debts:
            return Outcome(digest, 0, faults)
        untold = _tell_all(messenger, digest)
        named = tuple(f"{one.debts.owner.name} could not be told: {one.reason}" for one in untold)
        try:
            messenger.tell_outcome(posted, digest, untold)
        except SlackError as error:
            faults = (*faults, f"the digest's thread does not say who was told: {error}")
        return Outcome(digest, len(debts) - len(untold), (*faults, *named))


def _tell_all(messenger: Messenger, digest: Digest) -> tuple[Untold, ...]:
    with ThreadPoolExecutor(_NUDGES_AT_A_TIME) as pool:
        return tuple(filter(None, pool.map(lambda one: _tell(messenger, one, digest.report), digest.debts)))


def _tell(messenger: Messenger, debts: Debts, report: Report) -> Untold | None:
    try:
        messenger.post_nudge(debts, report)
    except SlackError as error:
        return Untold(debts, str(error))
    except Exception as error:  # noqa: BLE001 - it is told with the others, and keeps none of them from being told
        return Untold(debts, f"unforeseen: {error!r}")
    return None
