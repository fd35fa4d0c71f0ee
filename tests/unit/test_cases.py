"""The tables of tests/cases are copies. Where their originals are at hand, beside the project, they must be equal."""

from filecmp import cmpfiles
from pathlib import Path

import pytest

COPIES = Path(__file__).parents[1] / "cases"
ORIGINALS = COPIES.parents[2] / "shared" / "cases"


def test_copies_are_unchanged() -> None:
    if not ORIGINALS.is_dir():
        pytest.skip("the originals of tests/cases are not beside the project")
    names = [str(path.relative_to(COPIES)) for path in COPIES.rglob("*") if path.is_file()]
    equal, _, _ = cmpfiles(COPIES, ORIGINALS, names, shallow=False)
    assert sorted(equal) == sorted(names)
