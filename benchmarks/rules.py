"""How many instances per second all rules check, and how long a report takes: `python -m benchmarks.rules`."""

import time
from collections.abc import Callable
from datetime import timedelta

from bailiff_bot.domain.case import CaseMaker
from bailiff_bot.domain.identity import people_from_entries
from bailiff_bot.domain.instance import Instance, InstanceState, Target
from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.policy import Policy
from bailiff_bot.domain.report import judge
from bailiff_bot.domain.rules import build_rules, judge_case
from bailiff_bot.domain.snapshot import Snapshot
from benchmarks.fleet import NOW, REGIONS, BenchmarkInstance, fleet_instances

COUNT = 102_000
PEOPLE = people_from_entries(
    (identifier, f"{identifier}@bench.example".lower()) for identifier in ("AGR", "MLG", "HRO")
)
POLICY = Policy(allowed_regions=frozenset(REGIONS[:12]))


def main() -> None:
    """Print both figures, the best of several runs."""
    fleet = [
        to_domain_instance(region, instance)
        for region in REGIONS
        for instance in fleet_instances(region, COUNT // len(REGIONS))
    ]
    cases = list(CaseMaker(PEOPLE, POLICY, {}, NOW).single(fleet))
    all_rules = build_rules(POLICY)

    def check_all() -> None:
        for case in cases:
            judge_case(case, all_rules, NOW)

    inventory = Inventory(tuple(fleet), (), (), NOW)
    print(f"\n{COUNT / fastest(check_all):,.0f} instances a second through all rules.")
    seconds = fastest(lambda: judge(Snapshot(inventory, PEOPLE), POLICY, NOW))
    print(f"A report over {COUNT:,} instances, identities included, is built in {seconds:.2f} s.")


def to_domain_instance(region: str, instance: BenchmarkInstance) -> Instance:
    """Return an instance of the benchmark's fleet as a scan returns it."""
    tags = {"Name": instance.name} if instance.name else {}
    return Instance(
        instance.id,
        Target("111122223333", region),
        instance.type,
        InstanceState.RUNNING if instance.running else InstanceState.STOPPED,
        instance.launched,
        None if instance.running else instance.launched + timedelta(minutes=30),
        {**tags, "env": instance.env, "team": "platform", "cost-center": "4711"},
    )


def fastest(task: Callable[[], object]) -> float:
    """Run the task several times, and return the seconds of the fastest run."""
    return min(_seconds(task) for _ in range(5))


def _seconds(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
