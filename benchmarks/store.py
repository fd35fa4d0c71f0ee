"""How long a snapshot takes to be kept in SQLite, and to come back: `python -m benchmarks.store`."""

import tempfile
from dataclasses import replace

from bailiff_bot.domain.inventory import Inventory
from bailiff_bot.domain.snapshot import Snapshot
from bailiff_bot.store.snapshot_codec import encode
from bailiff_bot.store.store import open_store
from benchmarks.fleet import NOW, REGIONS, machines
from benchmarks.rules import COUNT, PEOPLE, fastest, instance_of


def main() -> None:
    """Print both figures, the best of several tries."""
    snapshot = _snapshot()
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/bench.sqlite") as store:
        write = fastest(lambda: store.snapshots.save(snapshot))
        read = fastest(store.snapshots.latest)
        if store.snapshots.latest() != snapshot:
            raise SystemExit("What came back is not what was kept.")
    size = len(encode(snapshot)) / 1e6
    print(f"{COUNT:,} instances are kept in SQLite in {write:.2f} s ({size:.1f} MB), and read back in {read:.2f} s.")


def _snapshot() -> Snapshot:
    """Return the benchmark's fleet, with as many tags as its answers from EC2 have."""
    fleet = tuple(
        replace(one, tags={**one.tags, "Owner": f"team{number % 40}@bench.example", "build": f"{number % 900}"})
        for number, one in enumerate(
            instance_of(region, machine) for region in REGIONS for machine in machines(region, COUNT // len(REGIONS))
        )
    )
    return Snapshot(Inventory(fleet, tuple({one.target: None for one in fleet}), (), NOW), PEOPLE)


if __name__ == "__main__":
    main()
