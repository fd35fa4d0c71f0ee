"""Cloud Custodian in a virtual environment of its own, with policies that check what our rules check.

`python -m benchmarks.custodian` creates the environment. The benchmark starts its program.
"""

import subprocess
import sys
from pathlib import Path

_HOME = Path(".venv/custodian")
PROGRAM = _HOME / "bin" / "custodian"
_VERSION = "c7n==0.9.53"
_POLICIES = Path(__file__).with_name("custodian.yml")


def install() -> None:
    """Create the environment, unless it exists."""
    if not PROGRAM.exists():
        subprocess.run([sys.executable, "-m", "venv", _HOME], check=True)
        subprocess.run([_HOME / "bin" / "pip", "install", "-qq", "--disable-pip-version-check", _VERSION], check=True)


def command(output: Path) -> list[str]:
    """Return the command that runs the policies in all regions. It fetches each region's instances once."""
    folders = ["--cache", str(output / "cache"), "-s", str(output)]
    return [str(PROGRAM), "run", "--region", "all", *folders, str(_POLICIES)]


if __name__ == "__main__":
    install()
