"""How long SQLite takes to save and to load a snapshot: `python -m benchmarks.store`."""

import tempfile
from dataclasses import replace

from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.snapshot_codec import encode
from bailiff_bot.store.store import store_at
from benchmarks.fleet import NOW, REGIONS, fleet_instances
from benchmarks.rules import COUNT, PEOPLE, fastest, to_domain_instance


def main() -> None:
    """Print both figures, the best of several runs."""
    snapshot = _snapshot()
    with tempfile.TemporaryDirectory() as folder, store_at(f"sqlite:///{folder}/bench.sqlite") as store:
        write = fastest(lambda: store.snapshots.save(snapshot))
        read = fastest(store.snapshots.latest)
        if store.snapshots.latest() != snapshot:
            raise SystemExit("What came back is not what was kept.")
    size = len(encode(snapshot)) / 1e6
    print(f"{COUNT:,} instances are kept in SQLite in {write:.2f} s ({size:.1f} MB), and read back in {read:.2f} s.")


def _snapshot() -> Snapshot:
    """Return the benchmark's fleet, with as many tags as its EC2 answers have."""
    fleet = tuple(
        replace(one, tags={**one.tags, "Owner": f"team{number % 40}@bench.example", "build": f"{number % 900}"})
        for number, one in enumerate(
            to_domain_instance(region, instance)
            for region in REGIONS
            for instance in fleet_instances(region, COUNT // len(REGIONS))
        )
    )
    return Snapshot(Inventory(fleet, tuple({one.target: None for one in fleet}), (), NOW), PEOPLE)


if __name__ == "__main__":
    main()
