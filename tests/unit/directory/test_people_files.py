"""The people files that were decided by hand: who is in each, and how many of its lines are wrong."""

from pathlib import Path

import pytest
import yaml

from bailiff_bot.directory.csvfile import CsvDirectory

FOLDER = Path(__file__).parents[2] / "cases" / "people"
EXPECTED = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_means_what_was_decided(name: str) -> None:
    people = CsvDirectory(FOLDER / name).people()

    found = {identifier: sorted(addresses) for identifier, addresses in people.addresses.items()}
    assert (found, len(people.gaps)) == (EXPECTED[name]["people"], EXPECTED[name]["gaps"])


def test_every_file_has_an_expected_meaning() -> None:
    assert {path.name for path in FOLDER.glob("*.csv")} == set(EXPECTED)
