"""`bailiff report` as a whole process: start, scan, judging, storing and writing. `python -m benchmarks.report`.

A tenant with one account, also against Cloud Custodian; and one with many accounts, nearly all of them empty. The
programs take turns. The fastest of several rounds counts, and the highest memory.
"""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks import custodian
from benchmarks.fleet import REGIONS
from benchmarks.processes import Run, best_of, endpoint, measured

_ROUNDS = 3


class Tenant(NamedTuple):
    """A tenant. All its instances are in the first account."""

    accounts: int
    instances: int
    latency: float
    """Seconds that an answer takes."""


ONE_ACCOUNT = Tenant(1, 17_000, 0.1)
MANY_ACCOUNTS = Tenant(201, 12_000, 0.02)


def main() -> None:
    """Print the table."""
    print("\n| accounts x regions | instances | | time | CPU | CPU a target | peak memory |")
    print("|--:|--:|---|--:|--:|--:|--:|")
    _print_rows(ONE_ACCOUNT, "json", with_custodian=True)
    _print_rows(MANY_ACCOUNTS, "csv", with_custodian=False)


def _print_rows(tenant: Tenant, output_format: str, *, with_custodian: bool) -> None:
    runs: dict[str, list[Run]] = {}
    with endpoint(tenant.instances, tenant.latency) as environment:
        for _ in range(_ROUNDS):
            runs.setdefault(f"`bailiff report --format {output_format}`", []).append(
                _report(tenant, output_format, environment)
            )
            if with_custodian:
                runs.setdefault("Cloud Custodian", []).append(_custodian(environment))
    for program, measured_runs in runs.items():
        print(_row(tenant, program, best_of(measured_runs)), flush=True)


def _row(tenant: Tenant, program: str, best: Run) -> str:
    targets = tenant.accounts * len(REGIONS)
    cpu_per_target = f"{best.cpu_seconds / targets * 1000:.1f} ms" if tenant is MANY_ACCOUNTS else ""
    return (
        f"| {tenant.accounts} x {len(REGIONS)} | {tenant.instances:,} | {program} | {best.seconds:.1f} s "
        f"| {best.cpu_seconds:.1f} s | {cpu_per_target} | {best.megabytes:.0f} MB |"
    )


def _report(tenant: Tenant, output_format: str, environment: dict[str, str]) -> Run:
    """Run the command in an empty directory, so that it also creates its database."""
    roles = ",".join(f"arn:aws:iam::{number:012}:role/bailiff-read" for number in range(1, tenant.accounts))
    command = [str(Path(sys.executable).with_name("bailiff")), "report", "--format", output_format]
    with tempfile.TemporaryDirectory() as directory:
        return measured(command, environment | {"BAILIFF_ROLE_ARNS": roles}, directory)


def _custodian(environment: dict[str, str]) -> Run:
    with tempfile.TemporaryDirectory() as output:
        return measured(custodian.command(Path(output)), environment)


if __name__ == "__main__":
    custodian.install()
    main()
