"""Cloud Custodian, in a virtual environment of its own, with policies that ask what our rules ask.

`python -m benchmarks.custodian` makes the environment; the benchmark starts its program.
"""

import subprocess
import sys
from pathlib import Path

_HOME = Path(".venv/custodian")
PROGRAM = _HOME / "bin" / "custodian"
_VERSION = "c7n==0.9.53"
_POLICIES = Path(__file__).with_name("custodian.yml")


def install() -> None:
    """Make the environment, unless it is there."""
    if not PROGRAM.exists():
        subprocess.run([sys.executable, "-m", "venv", _HOME], check=True)
        subprocess.run([_HOME / "bin" / "pip", "install", "-qq", "--disable-pip-version-check", _VERSION], check=True)


def command(output: Path) -> list[str]:
    """Return the command that runs the policies over all regions, each region's instances fetched once."""
    answers = ["--cache", str(output / "cache"), "-s", str(output)]
    return [str(PROGRAM), "run", "--region", "all", *answers, str(_POLICIES)]


if __name__ == "__main__":
    install()
