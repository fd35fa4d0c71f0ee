"""Instances of which a digest told, prices, and what scans show of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bailiff_bot.domain.action import Action
from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.done_action import DoneAction
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import Price, Prices, snapshot_key
from bailiff_bot.domain.saving_changes import Followed, ScanView, after_scan
from bailiff_bot.domain.subject import Subject
from bailiff_bot.domain.told_instance import ToldInstance, slim
from bailiff_bot.domain.volume import Volume
from tests.builders import IRELAND, NOW

BILLING = Billing("RunInstances", zone="eu-west-1a")
HOURLY = {"m5.xlarge": "0.2", "m5.large": "0.1", "t3.small": "0.02"}
"""In US dollars: a month is 730 hours, so m5.xlarge costs $146, m5.large $73, t3.small $14.60."""
VOLUMES = (Volume("vol-root", "gp2", 100), Volume("vol-data", "gp2", 50))
"""At $0.10 a GB: $10 and $5."""
PRICES = Prices(
    {
        **{
            PriceKey(PriceKind.COMPUTE, "eu-west-1", name, "RunInstances", "Shared"): Price(Decimal(usd))
            for name, usd in HOURLY.items()
        },
        PriceKey(PriceKind.STORAGE, "eu-west-1", "gp2"): Price(Decimal("0.1")),
        PriceKey(PriceKind.ADDRESS, "eu-west-1"): Price(Decimal("0.005")),
        snapshot_key("eu-west-1"): Price(Decimal("0.05")),
    }
)
LAUNCHED = NOW - timedelta(days=60)
SUBJECT = Subject(IRELAND, "i-0abc")


def machine(**changed: Any) -> Instance:
    """Return a running m5.xlarge with two volumes and an address."""
    found = Instance(
        "i-0abc",
        IRELAND,
        "m5.xlarge",
        InstanceState.RUNNING,
        LAUNCHED,
        tags={"Name": "agr-web"},
        billing=BILLING,
        volume_ids=("vol-root", "vol-data"),
        public_addresses=1,
    )
    return replace(found, **changed)


def stopped(at: datetime, found: Instance | None = None, **changed: Any) -> Instance:
    """Return a machine that was stopped at a time, and lost its address."""
    values = {"state": InstanceState.STOPPED, "transitioned_at": at, "public_addresses": 0, **changed}
    return replace(found or machine(), **values)


def told_of(found: Instance | None = None, at: datetime = NOW, **changed: Any) -> ToldInstance:
    """Return an instance of which a digest told at a time."""
    found = found or machine()
    told = ToldInstance(slim(found), VOLUMES, "agr-web (i-0abc)", ("Ada",), "idle for 14 days", at, at)
    return replace(told, **changed)


def deleted_by_bailiff(at: datetime, *, has_image: bool = True) -> DoneAction:
    return DoneAction(Action.DELETE, at, "Max", has_image)


@dataclass
class History:
    """Follows one instance from scan to scan."""

    followed: Followed
    subject: Subject = SUBJECT
    prices: Prices = PRICES
    actions: tuple[DoneAction, ...] = ()
    staying: frozenset[str] = frozenset()
    """The volumes that still exist."""
    unread_volumes: bool = False
    managed: bool = False
    read: frozenset[Target] = field(default_factory=lambda: frozenset({IRELAND}))

    def scan(self, at: datetime, now: Instance | None) -> Followed:
        """Scan at a time at which the instance is so; None: it is gone."""
        view = ScanView(
            at,
            self.read,
            {self.subject: now} if now else {},
            {self.subject} if self.managed else frozenset(),
            self.prices,
            lambda _, volume: None if self.unread_volumes else volume in self.staying,
            {self.subject: self.actions},
        )
        self.followed = after_scan(self.subject, self.followed, view)
        return self.followed

    def scan_for(self, days: Iterable[float], now: Instance | None) -> Followed:
        """Scan so many days after NOW, each time with the same instance."""
        for day in days:
            self.scan(NOW + timedelta(days=day), now)
        return self.followed

    def usd(self, start: datetime = NOW, end: datetime = NOW + timedelta(days=3650)) -> float:
        """Return what was saved in a period, to the cent."""
        return round(sum(float(one.usd_between(start, end)) for one in self.followed.savings), 2)

    def a_month(self, last_scan: datetime) -> float:
        """Return what is saved a month from now on."""
        return sum(float(one.usd) for one in self.followed.savings if one.lasts(last_scan))


def history(told: ToldInstance | None = None, **fields: Any) -> History:
    """Return the history of an instance of which a digest told at NOW."""
    return History(Followed(told or told_of()), **fields)
