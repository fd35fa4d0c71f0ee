"""Whatever is done to an instance, and whenever it is scanned: no more counts as saved than was saved."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.domain.instance import Instance, InstanceState
from bailiff_bot.domain.saving import SavingKind
from tests.builders import IRELAND, NOW, PARIS, scaled
from tests.saving_builders import HOURLY, History, history, machine, told_of

HOUR = timedelta(hours=1)
TYPES = ("m5.xlarge", "m5.large", "t3.small")
VOLUMES_USD, ADDRESS_USD = 15.0, 3.65
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("start", "stop", "stop", "stop by aws", "resize", "delete", "tell", "tell late", "scan", "scan", "scan")
        ),
        st.integers(1, 60),
        st.sampled_from(TYPES),
        st.booleans(),
    ),
    min_size=3,
    max_size=14,
)


@dataclass
class World:
    """What really happens to an instance, hour by hour, and what scans and digests make of it."""

    followed: History = field(default_factory=history)
    now: datetime = NOW
    instance: Instance | None = field(default_factory=machine)
    seen: Instance | None = field(default_factory=machine)
    """As the last scan saw it."""
    scanned_at: datetime = NOW
    resized_at: datetime | None = None
    costs: dict[datetime, float] = field(default_factory=dict)
    """What it really cost a month in each hour."""

    def run(self, step: str, hours: int, new_type: str, *, is_dated: bool) -> None:
        if step == "scan":
            self._scan(is_dated=is_dated)
        elif step.startswith("tell"):
            self._tell(is_late=step == "tell late")
        elif self.instance:
            self._change(step, new_type, is_dated=is_dated)
        for _ in range(hours):
            self.costs[self.now] = _cost(self.instance)
            self.now += HOUR

    def _scan(self, *, is_dated: bool) -> None:
        self.followed.read = frozenset({IRELAND if is_dated else PARIS})
        first = self.followed.scan(self.now, self.instance)
        if is_dated:
            self.seen, self.scanned_at = self.instance, self.now
        assert self.followed.scan(self.now, self.instance) == first, "a scan that is recorded twice changes nothing"

    def _tell(self, *, is_late: bool) -> None:
        """Tell of the instance as it is, or as a scan saw it before the last changes."""
        shown = self.seen if is_late else self.instance
        if shown:
            earlier = self.followed.followed.told
            told_at = earlier.told_at if earlier else self.now
            self.followed.followed = replace(self.followed.followed, told=told_of(shown, self.now, told_at=told_at))

    def _change(self, step: str, new_type: str, *, is_dated: bool) -> None:
        found = self.instance
        if found is None or step == "delete":
            self.instance = None
        elif step == "start" and found.state is InstanceState.STOPPED:
            self.instance = machine(type=found.type, launched_at=self.now)
        elif step.startswith("stop") and found.state is InstanceState.RUNNING:
            date, by_aws = self.now if is_dated else None, step == "stop by aws"
            self.instance = replace(
                found,
                state=InstanceState.STOPPED,
                transitioned_at=date,
                stopped_by_aws=by_aws,
                public_addresses=0,
            )
        elif step == "resize" and self.resized_at is not None and self.resized_at >= self.scanned_at:
            pass  # nobody sees that a type changed twice between two scans
        elif step == "resize":  # it is stopped for that, so that a running one is started again
            launched = self.now if found.state is InstanceState.RUNNING else found.launched_at
            self.instance, self.resized_at = replace(found, type=new_type, launched_at=launched), self.now


def _cost(found: Instance | None) -> float:
    if found is None:
        return 0
    is_running = found.state is InstanceState.RUNNING
    return VOLUMES_USD + (float(HOURLY[found.type]) * 730 + ADDRESS_USD if is_running else 0)


@settings(max_examples=scaled(2_000), deadline=None)
@given(STEPS)
def test_what_counts_is_never_more_than_what_was_saved(steps: list[tuple[str, int, str, bool]]) -> None:
    world = World()
    for step, hours, new_type, is_dated in steps:
        world.run(step, hours, new_type, is_dated=is_dated)
    full = _cost(machine())
    for hour, cost in world.costs.items():
        counted = sum(float(one.usd_between(hour, hour + HOUR)) for one in world.followed.followed.savings) * 730
        assert counted <= full - cost + 0.01, (hour, counted, cost)


@settings(max_examples=scaled(1_000), deadline=None)
@given(STEPS)
def test_no_two_savings_of_a_kind_count_at_the_same_time(steps: list[tuple[str, int, str, bool]]) -> None:
    world = World()
    for step, hours, new_type, is_dated in steps:
        world.run(step, hours, new_type, is_dated=is_dated)
    for kind in SavingKind:
        spans = sorted((one.since, one.lasted_until) for one in world.followed.followed.savings if one.kind is kind)
        assert all(first[1] <= second[0] for first, second in pairwise(spans)), spans
