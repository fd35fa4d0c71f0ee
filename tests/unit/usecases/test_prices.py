"""What instances that break a rule cost is read after a scan: volumes, and prices that are not stored yet."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bailiff_bot.domain.billing import Billing
from bailiff_bot.domain.cost import Cost, CostPart
from bailiff_bot.domain.gap import Gap, GapSource
from bailiff_bot.domain.instance import Instance, Target
from bailiff_bot.domain.listed_price import ListedPrice, LookedUp
from bailiff_bot.domain.own_prices import OwnPrices
from bailiff_bot.domain.ownership import OwnershipClaims
from bailiff_bot.domain.price_age import StoredPrice
from bailiff_bot.domain.price_key import PriceKey, PriceKind
from bailiff_bot.domain.prices import own_key, snapshot_key
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.domain.volume import Volume, VolumesRead
from bailiff_bot.usecases.flagged_instances import FlaggedInstances
from bailiff_bot.usecases.listed_prices import ListedPrices
from bailiff_bot.usecases.prices import PriceInstances
from tests.builders import DEFAULT_POLICY, DIRECTORY, IRELAND, NOW, count_gaps, instance, inventory
from tests.fakes.clock import FakeClock

COMPUTE = own_key("t3.micro", "eu-west-1", "RunInstances")
GP2 = PriceKey(PriceKind.STORAGE, "eu-west-1", "gp2")
SNAPSHOTS = snapshot_key("eu-west-1")
LISTED = {COMPUTE: ListedPrice(Decimal("0.01"), "1"), GP2: ListedPrice(Decimal("0.1"), "1")}
REFUSED = Gap(GapSource.PRICES, None, "access denied")
UNREAD = Gap(GapSource.VOLUMES, IRELAND, "access denied")
DAY = timedelta(days=1)


@dataclass
class FakePriceList:
    """A price list that does not have what is not in `listed`, or refuses everything."""

    listed: Mapping[PriceKey, ListedPrice] = field(default_factory=lambda: LISTED)
    asked: list[list[PriceKey]] = field(default_factory=list)
    refuses: bool = False

    def look_up(self, keys: Iterable[PriceKey]) -> LookedUp:
        wanted = list(keys)
        self.asked.append(wanted)
        if self.refuses:
            return LookedUp({}, (REFUSED,))
        return LookedUp({key: self.listed.get(key, ListedPrice(None)) for key in wanted})


@dataclass
class FakePriceStore:
    stored: dict[PriceKey, StoredPrice] = field(default_factory=dict)

    def load(self) -> Mapping[PriceKey, StoredPrice]:
        return dict(self.stored)

    def save(self, found: Mapping[PriceKey, ListedPrice], read_at: datetime) -> None:
        self.stored |= {key: StoredPrice(listed, read_at) for key, listed in found.items()}


@dataclass
class FakeVolumes:
    refuses: bool = False
    asked: list[Mapping[Target, Collection[str]]] = field(default_factory=list)

    def read(self, wanted: Mapping[Target, Collection[str]]) -> VolumesRead:
        self.asked.append(wanted)
        if self.refuses:
            return VolumesRead({}, (UNREAD,))
        return VolumesRead({one: Volume(one, "gp2", 10) for ids in wanted.values() for one in ids})


@dataclass
class Own:
    own: OwnPrices = field(default_factory=OwnPrices)

    def read(self) -> OwnPrices:
        return self.own


class NoClaims:
    def live(self, _now: datetime) -> OwnershipClaims:
        return OwnershipClaims()


@dataclass
class World:
    """What the use case reads."""

    price_list: FakePriceList = field(default_factory=FakePriceList)
    store: FakePriceStore = field(default_factory=FakePriceStore)
    volumes: FakeVolumes = field(default_factory=FakeVolumes)
    own: Own = field(default_factory=Own)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))

    @property
    def enrich(self) -> PriceInstances:
        listed = ListedPrices(self.price_list, self.store, 7 * DAY, self.clock)
        flagged = FlaggedInstances(DEFAULT_POLICY, NoClaims(), self.clock)
        return PriceInstances(listed, self.volumes, self.own, Decimal(1), flagged)


def billed(number: int, name: str | None = None) -> Instance:
    billing = Billing("RunInstances", zone="eu-west-1a")
    return replace(instance(number, name, age=3), billing=billing, volume_ids=(f"vol-{number}",))


SNAPSHOT = Snapshot(inventory([billed(1), billed(2, "AGR-fine")]), DIRECTORY, count_gaps("shrunk"))


def costs(snapshot: Snapshot) -> list[Cost | None]:
    return [row.cost for row in judge(snapshot, DEFAULT_POLICY, NOW).flagged]


def test_what_breaks_a_rule_is_priced_and_nothing_else_is_asked_for() -> None:
    world = World()
    snapshot = world.enrich(SNAPSHOT)
    assert costs(snapshot) == [Cost(Decimal("7.30"), Decimal("1.0"))]
    assert world.volumes.asked == [{IRELAND: {"vol-1"}}]
    assert world.price_list.asked == [sorted([COMPUTE, GP2, SNAPSHOTS])]
    assert snapshot.other_gaps == SNAPSHOT.other_gaps


def test_the_next_scans_ask_for_no_price_again_until_it_is_too_old() -> None:
    world = World()
    first = world.enrich(SNAPSHOT)
    world.clock.now += 6 * DAY
    assert world.enrich(SNAPSHOT) == first
    assert len(world.price_list.asked) == 1
    world.clock.now += DAY
    assert world.enrich(SNAPSHOT) == first
    assert world.price_list.asked[1] == world.price_list.asked[0]


def test_a_price_that_cannot_be_renewed_is_used_for_a_month_with_its_date_and_then_not_any_more() -> None:
    world = World()
    world.enrich(SNAPSHOT)
    world.price_list.refuses = True
    world.clock.now += 36 * DAY
    late = world.enrich(SNAPSHOT)
    assert costs(late) == [Cost(Decimal("7.30"), Decimal("1.0"), listed_on=date(2026, 11, 23))]
    assert late.other_gaps == (*SNAPSHOT.other_gaps, REFUSED)
    world.clock.now += DAY
    assert costs(world.enrich(SNAPSHOT)) == [Cost(not_priced=frozenset({CostPart.COMPUTE, CostPart.VOLUMES}))]


def test_what_is_refused_is_a_gap_and_not_priced() -> None:
    world = World(FakePriceList(refuses=True), volumes=FakeVolumes(refuses=True))
    snapshot = world.enrich(SNAPSHOT)
    assert costs(snapshot) == [Cost(not_priced=frozenset({CostPart.COMPUTE, CostPart.VOLUMES}))]
    assert snapshot.other_gaps == (*SNAPSHOT.other_gaps, UNREAD, REFUSED)


def test_a_price_of_one_s_own_is_not_looked_up_and_beats_the_list() -> None:
    wrong = Gap(GapSource.PRICES, None, "prices.csv line 3: wrong")
    other = own_key("x9.huge", "eu-west-1", "RunInstances")
    world = World(own=Own(OwnPrices({COMPUTE: Decimal("0.02"), other: Decimal(9)}, (wrong,))))
    snapshot = world.enrich(SNAPSHOT)
    assert costs(snapshot) == [Cost(Decimal("14.60"), Decimal("1.0"))]
    assert world.price_list.asked == [sorted([GP2, SNAPSHOTS])]
    assert snapshot.prices
    assert snapshot.prices.own == {COMPUTE: Decimal("0.02")}
    assert snapshot.other_gaps == (*SNAPSHOT.other_gaps, wrong)


def test_further_instances_are_priced_too() -> None:
    world, gone = World(), replace(billed(9), type="m5.large")
    snapshot = replace(world.enrich, further=lambda _snapshot: [gone])(SNAPSHOT)
    assert "vol-9" in snapshot.volumes
    assert own_key("m5.large", "eu-west-1", "RunInstances") in world.price_list.asked[0]


def test_without_anything_to_price_nothing_is_asked() -> None:
    world = World()
    snapshot = world.enrich(Snapshot(inventory([billed(2, "AGR-fine")]), DIRECTORY))
    assert judge(snapshot, DEFAULT_POLICY, NOW).has_costs
    assert (world.price_list.asked, world.volumes.asked) == ([], [{}])
