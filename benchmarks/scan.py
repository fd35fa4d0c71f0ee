"""Compare Bailiff's scan with botocore's parser, Cloud Custodian and the lower bound: the README's table.

`make bench` runs it. Each variant is a process that reads from the same endpoint. They run in rotation, so that other
load on the machine affects all of them. The fastest of several rounds counts, and the highest memory. The two slow
variants run in fewer rounds.
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

SIZES = {1_000: (3, 2), 17_000: (5, 2), 102_000: (3, 1)}
"""By number of instances: how many rounds there are, and in how many of them the slow variants run."""

LOWER_BOUND, BAILIFF = "the floor", "Bailiff"
_PYTHON = [sys.executable, "-m", "benchmarks.variants"]


class Run(NamedTuple):
    """The time and the memory of a process."""

    seconds: float
    megabytes: float


def main(sizes: list[int]) -> None:
    """Print the tables."""
    custodian.install()
    print("| instances | | time | against the floor | against Bailiff | peak memory |\n|--:|---|--:|--:|--:|--:|")
    for instances in sizes:
        best = _best(instances, *SIZES[instances])
        for variant, run in best.items():
            ratios = " | ".join(f"{run.seconds / best[other].seconds:.2f}" for other in (LOWER_BOUND, BAILIFF))
            print(
                f"| {instances:,} | {variant} | {run.seconds:.1f} s | {ratios} | {run.megabytes:.0f} MB |", flush=True
            )
    subprocess.run([sys.executable, "-m", "benchmarks.rules"], check=True)
    subprocess.run([sys.executable, "-m", "benchmarks.store"], check=True)


def _best(instances: int, rounds: int, slow_rounds: int) -> dict[str, Run]:
    runs: dict[str, list[Run]] = {}
    with _endpoint(instances) as address:
        environment = _environment(address)
        for number in range(rounds):
            for variant, run in _run_each(environment, slow=number < slow_rounds):
                runs.setdefault(variant, []).append(run)
    return {
        variant: Run(min(run.seconds for run in measured), max(run.megabytes for run in measured))
        for variant, measured in runs.items()
    }


def _run_each(environment: dict[str, str], *, slow: bool) -> Iterator[tuple[str, Run]]:
    """Run each variant once, the slow ones only if `slow`."""
    yield LOWER_BOUND, _measured([*_PYTHON, "lower_bound"], environment)
    yield BAILIFF, _measured([*_PYTHON, "bailiff"], environment)
    if slow:
        yield "Bailiff with botocore's parser", _measured([*_PYTHON, "botocore"], environment)
        with tempfile.TemporaryDirectory() as output:
            yield "Cloud Custodian", _measured(custodian.command(Path(output)), environment)


def _measured(command: list[str], environment: dict[str, str]) -> Run:
    """Run a process to its end. The kernel reports its peak memory, so this process must itself be small."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Run(time.monotonic() - began, used.ru_maxrss / 1024)


@contextmanager
def _endpoint(instances: int) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.fake_ec2", str(instances)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def _environment(address: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return inherited | {
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
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
