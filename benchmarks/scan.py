"""Compare Bailiff's scan with botocore's parser, Cloud Custodian and the lower bound: the README's table.

`make bench` runs it. Each variant is a process that reads from the same endpoint. They run in rotation, so that other
load on the machine affects all of them. The fastest of several rounds counts, and the highest memory. The two slow
variants run in fewer rounds.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import custodian
from benchmarks.processes import Run, best_of, endpoint, measured

LATENCY = 0.1
"""Seconds: about the latency from Europe to the median region."""

SIZES = {1_000: (3, 2), 17_000: (5, 2), 102_000: (3, 1)}
"""By number of instances: how many rounds there are, and in how many of them the slow variants run."""

LOWER_BOUND, BAILIFF = "the floor", "Bailiff"
_PYTHON = [sys.executable, "-m", "benchmarks.variants"]


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
    subprocess.run([sys.executable, "-m", "benchmarks.report"], check=True)
    subprocess.run([sys.executable, "-m", "benchmarks.rules"], check=True)
    subprocess.run([sys.executable, "-m", "benchmarks.store"], check=True)


def _best(instances: int, rounds: int, slow_rounds: int) -> dict[str, Run]:
    runs: dict[str, list[Run]] = {}
    with endpoint(instances, LATENCY) as environment:
        for number in range(rounds):
            for variant, run in _run_each(environment, slow=number < slow_rounds):
                runs.setdefault(variant, []).append(run)
    return {variant: best_of(measured_runs) for variant, measured_runs in runs.items()}


def _run_each(environment: dict[str, str], *, slow: bool) -> Iterator[tuple[str, Run]]:
    """Run each variant once, the slow ones only if `slow`."""
    yield LOWER_BOUND, measured([*_PYTHON, "lower_bound"], environment)
    yield BAILIFF, measured([*_PYTHON, "bailiff"], environment)
    if slow:
        yield "Bailiff with botocore's parser", measured([*_PYTHON, "botocore"], environment)
        with tempfile.TemporaryDirectory() as output:
            yield "Cloud Custodian", measured(custodian.command(Path(output)), environment)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
