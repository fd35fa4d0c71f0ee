"""The CBOR of the sandbox: what it writes is read by botocore, and what botocore writes is read by it."""

import contextlib
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import Shape, ShapeResolver
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from hypothesis import given
from hypothesis import strategies as st

from bailiff_bot.sandbox.aws.cbor import CborError, Times, decode, encode

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUES = st.recursive(  # without None, which botocore leaves out of maps
    st.booleans() | st.text() | NUMBERS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read_by_botocore(body: bytes) -> Any:
    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))


@given(VALUES)
def test_is_read_as_it_was_written(value: Any) -> None:
    assert decode(encode(value)) == value
    assert read_by_botocore(encode(value)) == value


@given(st.lists(st.integers(0, 4_000_000_000)))
def test_times_are_times(seconds: list[int]) -> None:
    times = [datetime.fromtimestamp(second, UTC) for second in seconds]

    assert decode(encode(Times(map(float, seconds)))) == times
    assert read_by_botocore(encode(Times(map(float, seconds)))) == times


@given(st.text(), st.floats(allow_nan=False), st.integers(), st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants none
def test_what_botocore_writes_is_read(text: str, number: float, count: int, time: datetime) -> None:
    count %= 2**63
    time = time.replace(microsecond=0, tzinfo=UTC)
    types = {"Text": "string", "Number": "double", "Count": "long", "Time": "timestamp"}
    shapes: dict[str, Any] = {name: {"type": kind} for name, kind in types.items()}
    shapes["All"] = {"type": "structure", "members": {name: {"shape": name} for name in types}}
    body = bytearray()
    shape: Shape = ShapeResolver(shapes).get_shape_by_name("All")

    values = {"Text": text, "Number": number, "Count": count, "Time": time}
    RpcV2CBORSerializer()._serialize_data_item(body, values, shape)  # noqa: SLF001 - it has no other way

    assert decode(bytes(body)) == values


def test_values_that_are_no_numbers_are_kept() -> None:
    assert decode(encode({"a": None})) == {"a": None}
    assert math.isnan(decode(encode(math.nan)))
    assert decode(encode([math.inf, -math.inf])) == [math.inf, -math.inf]


def test_lengths_may_be_left_open() -> None:
    assert decode(b"\xbf\x61a\x9f\x01\x02\xff\x61b\x7f\x61x\x61y\xff\xff") == {"a": [1, 2], "b": "xy"}


@given(st.binary(max_size=40))
def test_whatever_comes_is_a_value_or_refused(body: bytes) -> None:
    with contextlib.suppress(CborError):
        decode(body)


@pytest.mark.parametrize("body", [b"", b"\x82\x01", b"\x01\x01", b"\x61\xff", b"\x1f", b"\xf7", b"\xa1\x80\x01"])
def test_what_is_broken_is_refused(body: bytes) -> None:
    with pytest.raises(CborError):
        decode(body)


def test_what_cbor_has_not_is_refused() -> None:
    with pytest.raises(TypeError):
        encode(object())
