"""Bailiff's scan against botocore's parser, Cloud Custodian and the floor: `make bench` prints the README's table.

The ways take turns, each as a process of its own against one endpoint, so that what else the machine does meets them
all. Of several rounds the fastest counts, and the most memory.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import custodian

SIZES = {1_000: 3, 17_000: 3, 102_000: 2}
"""Instances, and how many rounds there are."""

FLOOR, BAILIFF = "the floor", "Bailiff"


class Run(NamedTuple):
    """What a process took."""

    seconds: float
    megabytes: float


def main(sizes: dict[int, int]) -> None:
    """Print the tables."""
    custodian.install()
    print("| instances | | time | against the floor | against Bailiff | peak memory |\n|--:|---|--:|--:|--:|--:|")
    for instances, rounds in sizes.items():
        best = _best(instances, rounds)
        for way, run in best.items():
            slower = (run.seconds / best[other].seconds for other in (FLOOR, BAILIFF))
            ratios = " | ".join(f"{ratio:.{1 if ratio >= 10 else 2}f}" for ratio in slower)
            print(f"| {instances:,} | {way} | {run.seconds:.1f} s | {ratios} | {run.megabytes:.0f} MB |", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.rules"], check=True)


def _best(instances: int, rounds: int) -> dict[str, Run]:
    runs: dict[str, list[Run]] = {}
    with _endpoint(instances) as address:
        for _ in range(rounds):
            for way, run in _round(_environment(address)):
                runs.setdefault(way, []).append(run)
    return {
        way: Run(min(run.seconds for run in some), max(run.megabytes for run in some)) for way, some in runs.items()
    }


def _round(environment: dict[str, str]) -> Iterator[tuple[str, Run]]:
    """Run each way once."""
    python = [sys.executable, "-m", "benchmarks.ways"]
    yield FLOOR, _measured([*python, "floor"], environment)
    yield BAILIFF, _measured([*python, "bailiff"], environment)
    yield "Bailiff with botocore's parser", _measured([*python, "botocore"], environment)
    with tempfile.TemporaryDirectory() as output:
        yield "Cloud Custodian", _measured(custodian.command(Path(output)), environment)


def _measured(command: list[str], environment: dict[str, str]) -> Run:
    """Run a process to its end; its memory is the kernel's figure, so whatever starts it has to be small itself."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Run(time.monotonic() - began, used.ru_maxrss / 1024)


@contextmanager
def _endpoint(instances: int) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.endpoint", str(instances)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def _environment(address: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return ours | {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "AKIABENCH",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }


if __name__ == "__main__":
    asked = [int(size) for size in sys.argv[1:]] or SIZES
    main({size: SIZES.get(size, 1) for size in asked})
