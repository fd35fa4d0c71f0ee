from pathlib import Path

import pytest

from bailiff_bot.directory.csvfile import CsvDirectory
from bailiff_bot.domain.identity import DirectoryStatus


def directory(folder: Path, text: str, encoding: str = "utf-8") -> CsvDirectory:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return CsvDirectory(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reads_people_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join(["trigram,email", " agr , Agr@octo.example ", "", "PADE,pade@octo.example", ""])

    people = directory(tmp_path, text, encoding).people()

    assert people.complete
    assert people.address_of("AGR") == "agr@octo.example"
    assert people.address_of("PADE") == "pade@octo.example"


def test_knows_a_person_without_an_address(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nmlg,\n").people()

    assert people.complete
    assert people.status_of("MLG") is DirectoryStatus.NO_ADDRESS


def test_knows_when_two_people_claim_one_identifier(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\ndup,one@octo.example\ndup,two@octo.example\n").people()

    assert people.status_of("DUP") is DirectoryStatus.CLAIMED_TWICE


def test_passes_over_further_columns_in_any_order(tmp_path: Path) -> None:
    people = directory(tmp_path, "email,team,trigram\nagr@octo.example,BDA,agr\n").people()

    assert (people.complete, people.address_of("AGR")) == (True, "agr@octo.example")


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        ("hro", "people.csv line 3: it should hold a trigram and an address, separated by a comma"),
        ("hector,hro@octo.example", "people.csv line 3: 'hector' is not three or four letters"),
        (",hro@octo.example", "people.csv line 3: '' is not three or four letters"),
        ("hro,at home", "people.csv line 3: the address of HRO is none"),
        ('hro,"hro@octo.example', "people.csv line 3: unexpected end of data"),
    ],
)
def test_names_the_line_that_is_wrong_and_keeps_the_others(tmp_path: Path, line: str, gap: str) -> None:
    people = directory(tmp_path, f"trigram,email\nagr,agr@octo.example\n{line}\nalb,alb@octo.example").people()

    assert people.gaps == (gap,)
    assert people.address_of("AGR") == "agr@octo.example"
    assert people.address_of("ALB") == "alb@octo.example"
    assert people.status_of("VLE") is DirectoryStatus.UNAVAILABLE


def test_counts_the_wrong_lines_once_there_are_many(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\n" + "x,\n" * 20).people()

    assert len(people.gaps) == 4
    assert people.gaps[-1] == "and 17 more lines"


@pytest.mark.parametrize(
    "text", ["", "agr,agr@octo.example\n", "trigram;email\nagr;agr@octo.example\n", "trigram\nagr"]
)
def test_needs_its_header(tmp_path: Path, text: str) -> None:
    assert directory(tmp_path, text).people().gaps == ("people.csv line 1: it should be `trigram,email`",)


def test_accuses_nobody_when_it_lists_nobody(tmp_path: Path) -> None:
    assert directory(tmp_path, "trigram,email\n").people().gaps == ("people.csv lists nobody",)


def test_says_that_it_cannot_be_read(tmp_path: Path) -> None:
    assert CsvDirectory(tmp_path / "none.csv").people().gaps == ("none.csv cannot be read (No such file or directory)",)
    assert CsvDirectory(tmp_path).people().gaps == (f"{tmp_path.name} cannot be read (Is a directory)",)


def test_says_that_it_is_not_utf_8(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nagr,été@octo.example\n", "latin-1").people()

    assert people.gaps == ("people.csv is not UTF-8",)


def test_reads_the_file_anew_each_time(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nagr,agr@octo.example\n")
    people.people()

    directory(tmp_path, "trigram,email\nhro,hro@octo.example\n")

    assert people.people().address_of("HRO") == "hro@octo.example"
