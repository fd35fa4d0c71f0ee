"""The use cases that answer: report and mine. What reads AWS and the directory comes in as an argument."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bailiff_bot.domain.identity import People
from bailiff_bot.domain.owner import owner_label
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import Report, judge
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.usecases.snapshots import Snapshots

Clock = Callable[[], datetime]
"""Tells the instant, aware."""


@dataclass(frozen=True, slots=True)
class OwnInstances:
    """What belongs to one person."""

    report: Report
    query: str
    """The address or the identifier that was asked for."""
    owner_keys: tuple[str, ...]
    """The identifiers and addresses under which it was found."""
    ambiguous: tuple[str, ...] = ()
    """Identifiers of the caller that somebody else claims too: left out, for nobody knows whose they are."""


class Reports:
    """The use cases over one scanner, one rule engine and one report."""

    def __init__(self, snapshots: Snapshots, policy: Policy, clock: Clock) -> None:
        self._snapshots = snapshots
        self._policy = policy
        self._clock = clock
        self._judged_latest: tuple[Snapshot, Report] | None = None

    @property
    def has_snapshot(self) -> bool:
        """Whether `report` and `mine` answer at once."""
        return self._snapshots.latest is not None

    def after_next_scan(self, callback: Callable[[], None]) -> None:
        """Have something done, in another thread, when the next scan has ended, well or not."""
        self._snapshots.start_scan().add_done_callback(lambda _: callback())

    def now(self) -> datetime:
        """Return the instant by the clock that everything here goes by."""
        return self._clock()

    def latest(self) -> Report:
        """Return the whole tenant's report: from the latest snapshot at once, else from a scan that askers share."""
        snapshot = self._snapshots.current()
        drawn = self._judged_latest
        if drawn is None or drawn[0] is not snapshot:
            drawn = self._judged_latest = snapshot, self._judge(snapshot)
        return drawn[1]

    def from_new_scan(self) -> tuple[Snapshot, Report]:
        """Return what a scan that is made now saw, and its report."""
        snapshot = self._snapshots.scan()
        return snapshot, self._judge(snapshot)

    def _judge(self, snapshot: Snapshot) -> Report:
        # As of its scan: what nobody has looked at since may have been mended, and is accused of nothing new.
        seen = snapshot.inventory
        return judge(seen, snapshot.people, self._policy, seen.scanned_at, snapshot.plausibility_warnings)

    def by_address(self, address: str) -> OwnInstances | None:
        """Return what belongs to the person with an e-mail address, who need not be in the directory to be in a tag.

        Returns None when the directory does not list the address and no owner tag holds it.
        """
        people = self._snapshots.current().people
        wanted = address.casefold()
        listed = people.identifiers_of(wanted)
        own = {identifier for identifier in listed if people.address_of(identifier)}
        report = self.latest().filtered(lambda row: row.identity.address == wanted)
        if not listed and not report.count:
            return None
        whose = own | {owner_label(row.identity) for row in report.rows} or {wanted}
        return OwnInstances(report, wanted, tuple(sorted(whose)), tuple(sorted(listed - own)))

    def by_identifier(self, identifier: str) -> OwnInstances:
        """Return what stands under an identifier, whether or not the directory knows it."""
        report = self.latest().filtered(lambda row: identifier in {row.identity.candidate, row.identity.identifier})
        return OwnInstances(report, identifier, (identifier,))

    def people(self) -> People:
        """Return what the directory answered for the latest snapshot."""
        return self._snapshots.current().people
