"""Runs a process to its end, against an EC2 of its own, and measures it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Run(NamedTuple):
    """What a process used."""

    seconds: float
    cpu_seconds: float
    """Of all its threads, in user mode and in the kernel."""
    megabytes: float
    """At its peak."""


def best_of(runs: list[Run]) -> Run:
    """Return the fastest time and the highest memory of several runs."""
    seconds, cpu_seconds, megabytes = zip(*runs, strict=True)
    return Run(min(seconds), min(cpu_seconds), max(megabytes))


def measured(command: list[str], environment: dict[str, str], directory: str | None = None) -> Run:
    """Run a process to its end. The kernel reports its peak memory, so this process must itself be small."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, env=environment, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return Run(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


@contextmanager
def endpoint(instances: int, latency: float) -> Iterator[dict[str, str]]:
    """Serve an EC2 during the block. Yields the environment of a process that uses it."""
    command = [sys.executable, "-m", "benchmarks.fake_ec2", str(instances), str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _environment(process.stdout.readline().strip() if process.stdout else "")
        finally:
            process.terminate()


def _environment(address: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BAILIFF_"))}
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
