import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("hro", "people.csv line 3: it should contain a trigram and an address, as the header does"),
        ("hector,hro@octo.example", "people.csv line 3: 'hector' is not three or four letters"),
        (",hro@octo.example", "people.csv line 3: '' is not three or four letters"),
        ("hro,hro@octo.example; h@octo.example", "people.csv line 3: the address of HRO is not one e-mail address"),
        ("hro,at home", "people.csv line 3: the address of HRO is not one e-mail address"),
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
    ("text", "found"),
    [
        ("", "but the file is empty"),
        ("\n\n", "but the file is empty"),
        ("agr,agr@octo.example\n", "not `agr,agr@octo.example`"),
        ("trigram\nagr", "not `trigram`"),
        ("trigram," + "x" * 100 + "\n", "not `trigram," + "x" * 52 + "`"),
    ],
)
def test_the_gap_of_a_file_without_a_header_shows_its_first_line(tmp_path: Path, text: str, found: str) -> None:
    expected = f"people.csv line 1: it should be `trigram,email`, {found}"

    assert reasons(directory(tmp_path, text).people().gaps) == (expected,)


def test_two_columns_that_could_be_the_address_are_a_gap(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram;Mail;E-mail address\nagr;agr@octo.example;a@octo.example\n").people()

    expected = "people.csv line 1: `Mail` and `E-mail address` could both be the column `email`; rename one of them"
    assert (reasons(people.gaps), people.addresses) == ((expected,), {})


def test_the_documented_column_is_preferred_to_one_with_another_name(tmp_path: Path) -> None:
    people = directory(tmp_path, "Identifier,Trigram,Mail,E-mail\n17,agr,x@octo.example,agr@octo.example\n").people()

    assert (people.complete, people.address_of("AGR")) == (True, "agr@octo.example")


def test_the_address_of_another_person_is_no_address_of_this_one(tmp_path: Path) -> None:
    assert not directory(tmp_path, "trigram,manager email\nagr,boss@octo.example\n").people().addresses


@pytest.mark.parametrize("beginning", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_workbook_is_a_gap(tmp_path: Path, beginning: bytes) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(beginning + bytes(range(256)))

    expected = "people.csv is a workbook of a spreadsheet program; save it as CSV"
    assert reasons(CsvDirectory(path).people().gaps) == (expected,)


def test_an_empty_directory_is_a_gap(tmp_path: Path) -> None:
    assert reasons(directory(tmp_path, "trigram,email\n").people().gaps) == ("people.csv lists no people",)


def test_an_unreadable_file_is_a_gap(tmp_path: Path) -> None:
    assert reasons(CsvDirectory(tmp_path / "none.csv").people().gaps) == (
        "none.csv cannot be read (No such file or directory)",
    )
    assert reasons(CsvDirectory(tmp_path).people().gaps) == (f"{tmp_path.name} cannot be read (Is a directory)",)


@pytest.mark.parametrize(
    "encoding", ["cp1252", "cp1250", "mac_roman", "cp850", "latin-1", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("header", ["Trigramme\tAdresse électronique", "trigram\tE-Mail", "Quadrigramme\tCourriel"])
def test_every_encoding_of_a_spreadsheet_is_read(tmp_path: Path, encoding: str, header: str) -> None:
    text = f"{header}\tPrénom\r\nagr\tagr@octo.example\tAndré\r\nprt\tprt@octo.example\tBéatrice\r\n"
    people = directory(tmp_path, text, encoding).people()

    assert people.complete
    assert (people.address_of("AGR"), people.address_of("PRT")) == ("agr@octo.example", "prt@octo.example")


@pytest.mark.parametrize(
    "cells",
    [
        "agr,mailto:agr@octo.example",
        "agr,Ada Granger <agr@octo.example>",
        "\u200bagr\u00a0,\ufeffagr@octo.example",
        '"agr", "agr@octo.example"',
        '"=""agr""",agr@octo.example;',
        "'agr,\u201cagr@octo.example\u201d",
    ],
)
def test_an_entry_is_understood_however_it_was_pasted(tmp_path: Path, cells: str) -> None:
    people = directory(tmp_path, f"trigram,email\n{cells}\n").people()

    assert (people.complete, people.address_of("AGR")) == (True, "agr@octo.example")


def test_empty_rows_of_a_spreadsheet_are_no_entries(tmp_path: Path) -> None:
    people = directory(tmp_path, ";;\ntrigram;email;team\n;;\nagr;agr@octo.example;BDA\n;;\n").people()

    assert (people.complete, set(people.addresses)) == (True, {"AGR"})


@pytest.mark.parametrize(
    "text",
    [
        'trigram,note,email\nagr,"x,agr@octo.example\nmlg,",mlg@octo.example\n',
        'trigram,email,note\nagr,agr@octo.example,"ask\nmlg,mlg@octo.example"\n',
        'trigram,email,note\nagr,agr@octo.example,"x\nmlg,-,y"\n',
    ],
)
def test_a_person_who_may_be_swallowed_by_a_quote_is_a_gap(tmp_path: Path, text: str) -> None:
    people = directory(tmp_path, text).people()

    assert people.gaps
    assert people.address_of("AGR") != "mlg@octo.example"


def test_a_second_address_beyond_the_header_is_a_gap(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram;email\nagr;agr@octo.example;a.granger@octo.example\n").people()

    assert (len(people.gaps), people.addresses) == (1, {})


@pytest.mark.parametrize(
    "header", ["Trigrammes;M\u00e9l", "Code trigramme;Adresse de messagerie", "Trigram;Primary Email"]
)
def test_more_names_of_the_columns_are_known(tmp_path: Path, header: str) -> None:
    assert directory(tmp_path, f"{header}\nagr;agr@octo.example\n").people().address_of("AGR") == "agr@octo.example"


def test_a_lost_quote_hides_nobody_even_where_a_later_quote_closes_it(tmp_path: Path) -> None:
    text = 'trigram,email,note\nagr,agr@octo.example,"new\nhro,hro@octo.example,x\nmlg,mlg@octo.example,"\n'
    people = directory(tmp_path, text).people()

    assert (len(people.gaps), people.address_of("HRO")) == (2, "hro@octo.example")


# What a spreadsheet may hold in its cells. The text around each entry never makes a person of its own.
_NOTES = st.text(st.sampled_from("ab é,;\t|\"'\n\r=@<"), max_size=12)
_PEOPLE = st.dictionaries(st.from_regex(r"[A-Z]{3,4}", fullmatch=True), _NOTES, min_size=1, max_size=8)
_QUOTING = st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
_ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])


@given(_PEOPLE, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n", "\r"]), _ENCODINGS, _QUOTING)
def test_what_the_csv_module_writes_is_read(
    people: dict[str, str], delimiter: str, end: str, encoding: str, quoting: Any
) -> None:
    table = io.StringIO(newline="")
    if any(character in note for note in people.values() for character in "\n\r"):
        quoting = csv.QUOTE_ALL  # the csv module does not quote a line break that is not its own line end
    writer = csv.writer(table, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["Note é", "E-mail", "Trigram"])
    for identifier, note in people.items():
        writer.writerow([note, f"{identifier}@octo.example", identifier])

    with TemporaryDirectory() as folder:
        found = directory(Path(folder), table.getvalue(), encoding).people()

    assert found.complete
    assert {identifier: found.address_of(identifier) for identifier in people} == {
        identifier: f"{identifier}@octo.example".lower() for identifier in people
    }


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"trigram,email\n{text}".encode()))
def test_no_file_breaks_the_reader(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "people.csv")
        path.write_bytes(data)
        people = CsvDirectory(path).people()

    assert people.addresses or people.gaps


def test_the_file_is_read_again_at_each_call(tmp_path: Path) -> None:
    people = directory(tmp_path, "trigram,email\nagr,agr@octo.example\n")
    people.people()

    directory(tmp_path, "trigram,email\nhro,hro@octo.example\n")

    assert people.people().address_of("HRO") == "hro@octo.example"
