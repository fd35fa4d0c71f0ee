"""One's own prices are read strictly, and each wrong line is named."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.aws.own_prices import OwnPriceFile
from bailiff_bot.domain.own_prices import OwnPrices
from bailiff_bot.domain.prices import own_key

HEADER = "type,region,operation,hourly_usd\n"
LINE = "m5.xlarge,eu-west-1,RunInstances,0.15\n"
M5 = {own_key("m5.xlarge", "eu-west-1", "RunInstances"): Decimal("0.15")}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prices") / "prices.csv"


def read(path: Path, content: str | bytes) -> OwnPrices:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return OwnPriceFile(path).read()


def errors(found: OwnPrices) -> list[str]:
    return [gap.reason for gap in found.gaps]


@pytest.mark.parametrize(
    "content",
    [
        HEADER + LINE,
        (HEADER + LINE).replace("\n", "\r\n"),
        (HEADER + LINE).replace(",", ";"),
        (HEADER + LINE).replace(",", "\t"),
        b"\xef\xbb\xbf" + (HEADER + LINE).encode(),
        (HEADER + LINE).encode("utf-16"),
        HEADER + "\n" + LINE + ",,,\n",
        HEADER + '"m5.xlarge", "eu-west-1",RunInstances, 0.15',
        "Hourly_USD,note,Operation,Region,TYPE\n0.15,agreed,RunInstances,eu-west-1,m5.xlarge\n",
    ],
)
def test_a_file_of_any_spreadsheet_program_is_read(path: Path, content: str | bytes) -> None:
    assert read(path, content) == OwnPrices(M5)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("m5.xlarge,eu-west-1,RunInstances,", "hourly_usd is '', but should be like 0.192"),
        ("m5.xlarge,eu-west-1,RunInstances,-1", "hourly_usd is '-1', but should be like 0.192"),
        ("m5.xlarge,eu-west-1,RunInstances,$0.1", "hourly_usd is '$0.1', but should be like 0.192"),
        ('m5.xlarge,eu-west-1,RunInstances,"0,15"', "hourly_usd is '0,15', but should be like 0.192"),
        ("m5.xlarge,eu-west-1,RunInstances,1e3", "hourly_usd is '1e3', but should be like 0.192"),
        ("m5.xlarge,eu-west-1,RunInstances,0.00", "hourly_usd is 0, but a price is above zero"),
        ("m5,eu-west-1,RunInstances,1", "type is 'm5', but should be like m5.xlarge"),
        (
            "m5.xlarge,Ireland,RunInstances,1",
            "region is 'Ireland', but should be like eu-west-1, or us-east-1-nyc-1 for a",
        ),
        ("m5.xlarge,eu-west-1,Linux,1", "operation is 'Linux', but should be like RunInstances"),
        ("m5.xlarge,eu-west-1,RunInstances:00g0,1", "operation is RunInstances:00g0, which is billed as RunInstances"),
        ("m5.xlarge,eu-west-1,RunInstances", "it has 3 cells, but the header has 4"),
        ("m5.xlarge,eu-west-1,RunInstances,1,2", "it has 5 cells, but the header has 4"),
        (LINE.strip(), "it is the second price of m5.xlarge in eu-west-1 with RunInstances"),
        ('m5.xlarge,"eu-west-1,RunInstances,1', "unexpected end of data"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_count(path: Path, line: str, error: str) -> None:
    found = read(path, HEADER + LINE + line)
    assert found.prices == M5
    [message] = errors(found)
    assert message.startswith(f"prices.csv line 3: {error}")


def test_a_quote_that_is_not_closed_swallows_no_other_line(path: Path) -> None:
    found = read(path, HEADER + 'm5.large,"eu-west-1,RunInstances,1\n' + LINE + 'm5.large,eu-west-1",RunInstances,2\n')
    assert found.prices == M5
    assert [error.split(":")[0] for error in errors(found)] == ["prices.csv line 2", "prices.csv line 4"]


@pytest.mark.parametrize(
    "content", ["", "\n", LINE, "type,region,operation\n", "type,type,region,operation,hourly_usd\n", "\x00"]
)
def test_a_file_without_its_header_has_no_prices(path: Path, content: str) -> None:
    found = read(path, content)
    assert (found.prices, errors(found)) == (
        {},
        ["prices.csv line 1: it should be `type,region,operation,hourly_usd`"],
    )


def test_a_file_that_is_not_there_or_no_csv_is_a_gap(path: Path) -> None:
    assert errors(OwnPriceFile(path.with_name("absent.csv")).read()) == [
        "absent.csv cannot be read (No such file or directory)"
    ]
    assert errors(read(path, b"PK\x03\x04")) == ["prices.csv is a workbook of a spreadsheet program; save it as CSV"]


def test_of_many_wrong_lines_three_are_named_and_the_rest_is_counted(path: Path) -> None:
    found = read(path, HEADER + "wrong\n" * 9)
    assert len(found.gaps) == 4
    assert errors(found)[3] == "prices.csv has 6 more wrong lines"


@given(
    st.text()
    | st.lists(st.sampled_from(["m5.xlarge", "eu-west-1", "RunInstances", "1", ",", "\n", '"', " "])).map("".join)
)
def test_any_content_is_prices_or_named_errors(path: Path, content: str) -> None:
    found = read(path, HEADER + content)
    assert all(usd > 0 and key.name and key.tenancy == "Shared" for key, usd in found.prices.items())
    assert all(gap.reason.startswith("prices.csv ") and "\n" not in gap.reason for gap in found.gaps)
