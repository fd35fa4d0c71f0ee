from pathlib import Path

import pytest

from bailiff_bot.directory.csvfile import CsvDirectory
from bailiff_bot.domain.identity import DirectoryStatus
from tests.builders import reasons


def directory(folder: Path, text: str, encoding: str = "utf-8") -> CsvDirectory:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return CsvDirectory(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_people_are_read_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join(["trigram,email", " agr , Agr@octo.example ", "", "PADE,pade@octo.example", ""])

    people = directory(tmp_path, text, encoding).people()

    assert people.complete
    assert people.address_of("AGR") == "agr@octo.example"
    assert people.address_of("PADE") == "pade@octo.example"


def test_a_person_may_have_no_address(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nmlg,\n").people()

    assert people.complete
    assert people.status_of("MLG") is DirectoryStatus.NO_ADDRESS


def test_two_people_with_one_identifier_are_reported(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\ndup,one@octo.example\ndup,two@octo.example\n").people()

    assert people.status_of("DUP") is DirectoryStatus.CLAIMED_TWICE


def test_further_columns_and_any_column_order_are_accepted(tmp_path: Path) -> None:
    people = directory(tmp_path, "email,team,trigram\nagr@octo.example,BDA,agr\n").people()

    assert (people.complete, people.address_of("AGR")) == (True, "agr@octo.example")


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("hro", "people.csv line 3: it should contain a trigram and an address, separated by a comma"),
        ("hector,hro@octo.example", "people.csv line 3: 'hector' is not three or four letters"),
        (",hro@octo.example", "people.csv line 3: '' is not three or four letters"),
        ("hro,at home", "people.csv line 3: the address of HRO is not an e-mail address"),
        ('hro,"hro@octo.example', "people.csv line 3: unexpected end of data"),
    ],
)
def test_a_wrong_line_is_a_gap_and_the_others_are_kept(tmp_path: Path, line: str, gap: str) -> None:
    people = directory(tmp_path, f"trigram,email\nagr,agr@octo.example\n{line}\nalb,alb@octo.example").people()

    assert reasons(people.gaps) == (gap,)
    assert people.address_of("AGR") == "agr@octo.example"
    assert people.address_of("ALB") == "alb@octo.example"
    assert people.status_of("VLE") is DirectoryStatus.UNAVAILABLE


def test_many_wrong_lines_are_counted(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\n" + "x,\n" * 20).people()

    assert len(people.gaps) == 4
    assert people.gaps[-1].reason == "and 17 more lines"


@pytest.mark.parametrize(
    "text", ["", "agr,agr@octo.example\n", "trigram;email\nagr;agr@octo.example\n", "trigram\nagr"]
)
def test_a_file_without_its_header_is_a_gap(tmp_path: Path, text: str) -> None:
    assert reasons(directory(tmp_path, text).people().gaps) == ("people.csv line 1: it should be `trigram,email`",)


def test_an_empty_directory_is_a_gap(tmp_path: Path) -> None:
    assert reasons(directory(tmp_path, "trigram,email\n").people().gaps) == ("people.csv lists no people",)


def test_an_unreadable_file_is_a_gap(tmp_path: Path) -> None:
    assert reasons(CsvDirectory(tmp_path / "none.csv").people().gaps) == (
        "none.csv cannot be read (No such file or directory)",
    )
    assert reasons(CsvDirectory(tmp_path).people().gaps) == (f"{tmp_path.name} cannot be read (Is a directory)",)


def test_a_file_that_is_not_utf_8_is_a_gap(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nagr,été@octo.example\n", "latin-1").people()

    assert reasons(people.gaps) == ("people.csv is not UTF-8",)


def test_the_file_is_read_again_at_each_call(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nagr,agr@octo.example\n")
    people.people()

    directory(tmp_path, "trigram,email\nhro,hro@octo.example\n")

    assert people.people().address_of("HRO") == "hro@octo.example"
