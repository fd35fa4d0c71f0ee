"""A tenant, its people, a database in memory and a Slack that forgets nothing: what a digest is sent in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bailiff_bot.domain.delivery import Delivery, Part, Plan
from bailiff_bot.domain.instance import Instance
from bailiff_bot.domain.inventory import Unread
from bailiff_bot.domain.owner import Owner
from bailiff_bot.domain.policy import Policy
from bailiff_bot.errors import Refused
from bailiff_bot.leases import Turns
from bailiff_bot.outbox.sender import Courier
from bailiff_bot.outbox.worker import Dispatcher
from bailiff_bot.slack.blocks.renderer import SlackPen
from bailiff_bot.usecases.digests import Digests, Outcome
from bailiff_bot.usecases.reports import Bailiff
from bailiff_bot.usecases.snapshots import Snapshot
from tests.builders import DIRECTORY, NOW, instance, inventory
from tests.fakes.adapters import AtOnce, FakeAlbum, FakeClock, FakeHistory, FakeLeases, FakeRoster, snapshots_of
from tests.fakes.outbox import FakeCarrier, FakeLedger

ADA, MEL, PAM = Owner("U1", "Ada"), Owner("U2", "Mel"), Owner("U3", "Pam")
ROSTER = {"agr@octo.example": ADA, "mlg@octo.example": MEL, "pade@octo.example": PAM}
ADAS, MELS, PAMS = (instance(number, f"{whose}-a", age=40) for number, whose in enumerate(("agr", "mlg", "pade"), 1))
OWING = (ADAS, MELS, PAMS, instance(4, "zzz-a"))
CHANNEL = "C0DIGEST"
DAY = timedelta(days=1)
REMIND = timedelta(days=7)


class KilledError(BaseException):
    """The process ends here: nothing in it gets to do anything more."""


@dataclass(slots=True)
class World:
    """What outlives a process; `digests` is a process in it."""

    instances: Iterable[Instance] = OWING
    doubts: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    roster: FakeRoster = field(default_factory=lambda: FakeRoster(ROSTER))
    ledger: FakeLedger = field(default_factory=FakeLedger)
    carrier: FakeCarrier = field(default_factory=FakeCarrier)
    album: FakeAlbum = field(default_factory=FakeAlbum)
    leases: FakeLeases = field(default_factory=FakeLeases)
    channel_fails: Refused | None = None
    scans: int = 0

    def digests(self, nudges: str = "on", holder: str = "one", *, stopping: bool = False) -> Digests:
        """Return a process of its own."""

        def pause(seconds: float) -> bool:
            return stopping or self.clock.pause(seconds)

        snapshots = snapshots_of(self._seen, AtOnce(), self.clock, self.album, self.leases, holder, pause)
        pen = SlackPen(UTC, CHANNEL)
        courier = Courier(self.ledger, self.carrier, holder, self.clock, pause)
        return Digests(
            bailiff=Bailiff(snapshots, Policy(), self.clock),
            roster=self.roster,
            pen=pen,
            history=FakeHistory(self.ledger),
            dispatcher=Dispatcher(courier, pen.last_word, self._check, telling=nudges == "on"),
            turns=Turns(self.leases, holder, self.clock),
            channel=self._channel,
            nudges=nudges,
            remind=REMIND,
        )

    def sends(self, nudges: str = "on") -> Outcome:
        """Send the digest by hand."""
        return self.digests(nudges).by_hand()

    def expires(self) -> datetime:
        """Return when a digest of now is too late."""
        return self.clock() + timedelta(hours=8)

    @property
    def plan(self) -> Plan:
        """The latest plan."""
        return self.ledger.plans[-1]

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Those of the latest plan."""
        return self.ledger.deliveries(self.plan.dispatch.id)

    def kinds(self) -> list[str]:
        """Return what was put on the wire, in order: the names in the keys, and the recipients of what is direct."""
        parts = [key.split("/")[-2:] for key in self.carrier.sent()]
        return [name if recipient == CHANNEL else f"{name} {recipient}" for name, recipient in parts]

    def told(self) -> dict[str, int]:
        """Return how many direct messages each user has in Slack, whenever they came."""
        standing = {key: sent for key, sent in self.carrier.standing.items() if "/nudge/" in key}
        users = {key.rpartition("/")[2] for key in standing}
        return {user: sum(len(sent) for key, sent in standing.items() if key.endswith(f"/{user}")) for user in users}

    def twice(self) -> set[str]:
        """Return the keys of what stands in Slack more than once."""
        return {key for key, sent in self.carrier.standing.items() if len(sent) > 1}

    def words(self, part: Part) -> str:
        """Return what the messages of a part of the latest plan say now, in their plain text."""
        sent = [one for one in self.deliveries if one.part is part and one.ts]
        return "\n".join(self.says(one.ts) for one in sent)

    def says(self, ts: str) -> str:
        """Return what a message says now."""
        payload: Mapping[str, Any] = self.carrier.payloads[ts]
        return str(payload.get("plain", payload.get("content")))

    def nudge(self, owner: Owner, of: Plan | None = None) -> str:
        """Return what the direct message to an owner of the latest or another plan says now."""
        deliveries = self.ledger.deliveries((of or self.plan).dispatch.id)
        return next(
            self.says(one.ts) for one in deliveries if one.part is Part.NUDGE and one.recipient == owner.user_id
        )

    def _seen(self) -> Snapshot:
        self.scans += 1
        return Snapshot(replace(inventory(self.instances, self.unread), at=self.clock()), DIRECTORY, self.doubts)

    def _check(self, channel: str) -> None:
        assert channel == CHANNEL
        self._channel()

    def _channel(self) -> str:
        if self.channel_fails:
            raise self.channel_fails
        return CHANNEL
