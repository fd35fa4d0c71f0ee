"""What contributors run: make's targets, and the hooks before a commit."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_make_help_lists_every_target() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)
    help_text = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert re.findall(r"^ *make ([\w-]+) ", help_text, re.MULTILINE) == phony.split()
    assert re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.MULTILINE) == phony.split()


def test_the_commit_hooks_run_the_programs_of_make_lint_from_the_local_environment() -> None:
    [repo] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repo["repo"] == "local"
    programs = [hook["entry"].split()[0] for hook in repo["hooks"]]
    assert programs == [".venv/bin/ruff", ".venv/bin/ruff", ".venv/bin/mypy"]
    for program in programs:
        assert (Path(sys.executable).parent / Path(program).name).is_file()
        assert f"$(BIN)/{Path(program).name}" in MAKEFILE


def test_each_file_that_the_documentation_names_exists() -> None:
    for document in ("CONTRIBUTING.md", "docs/where-to-change-what.md"):
        names = re.findall(r"`((?:bailiff_bot|tests|docs)/[\w./-]*)`", (ROOT / document).read_text(encoding="utf-8"))
        assert names
        assert [name for name in names if not (ROOT / name).exists()] == []
