"""CBOR, as far as CloudWatch speaks it: RFC 8949 without undefined and other simple values.

Times are floats in tag 1. A list of 100,000 values is common, so lists of floats and of times are packed at once.
"""

import struct
from datetime import UTC, datetime
from typing import Any

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _OTHER = range(8)
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_SMALLEST_WIDTH = min(_WIDTHS)
_INDEFINITE, _BREAK = 31, 0xFF
_SIMPLE = {20: False, 21: True, 22: None}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_DOUBLE = _OTHER << 5 | 27
_TIME_TAG = 1
_TIME = _TAG << 5 | _TIME_TAG


class CborError(ValueError):
    """The bytes are not one whole item of CBOR."""


class Times(tuple[float, ...]):
    """Times in seconds since 1970, which are written as times and not as numbers."""

    __slots__ = ()


def encode(value: Any) -> bytes:
    """Return a value as CBOR: text, numbers, true, false, None, times, lists and maps. Raises TypeError."""
    if isinstance(value, Times):
        pairs = [part for time in value for part in (_TIME, _DOUBLE, time)]
        return _head(_LIST, len(value)) + struct.pack(">" + "BBd" * len(value), *pairs)
    if isinstance(value, dict):
        return _head(_MAP, len(value)) + b"".join(encode(key) + encode(one) for key, one in value.items())
    if isinstance(value, list):
        return _head(_LIST, len(value)) + _encode_items(value)
    return _encode_scalar(value)


def _encode_scalar(value: Any) -> bytes:
    if isinstance(value, str):
        return _head(_TEXT, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return struct.pack(">Bd", _DOUBLE, value)
    for info, simple in _SIMPLE.items():
        if value is simple:
            return bytes([_OTHER << 5 | info])
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    raise TypeError(f"CBOR has no {type(value).__name__}")


def _encode_items(items: list[Any]) -> bytes:
    if items and all(type(item) is float for item in items):
        pairs = [part for item in items for part in (_DOUBLE, item)]
        return struct.pack(">" + "Bd" * len(items), *pairs)
    return b"".join(map(encode, items))


def _head(major: int, number: int) -> bytes:
    if number < _SMALLEST_WIDTH:
        return bytes([major << 5 | number])
    info, width = next((info, width) for info, width in _WIDTHS.items() if number < 1 << 8 * width)
    return bytes([major << 5 | info]) + number.to_bytes(width, "big")


def decode(body: bytes) -> Any:
    """Return the one value in some bytes; a time is a `datetime` in UTC. Raises CborError."""
    reader = _Reader(body)
    try:
        value = reader.item()
    except (ArithmeticError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise CborError(f"broken CBOR: {error}") from error
    if reader.position != len(body):
        raise CborError("more than one item of CBOR")
    return value


class _Reader:
    """Reads one item after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.position = 0

    def item(self) -> Any:
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if major == _OTHER:
            return self._other(info)
        if info == _INDEFINITE:
            return self._indefinite(major)
        return self._sized(major, info if info < _SMALLEST_WIDTH else self._number(info))

    def _sized(self, major: int, number: int) -> Any:
        """Return an item, given the number in its head: its value, its length or its tag."""
        if major in {_UNSIGNED, _NEGATIVE}:
            return number if major == _UNSIGNED else -1 - number
        if major in {_BYTES, _TEXT}:
            taken = self._take(number)
            return taken if major == _BYTES else taken.decode()
        if major == _LIST:
            return [self.item() for _ in range(number)]
        if major == _MAP:
            return {self.item(): self.item() for _ in range(number)}
        value = self.item()
        return datetime.fromtimestamp(value, UTC) if number == _TIME_TAG else value

    def _other(self, info: int) -> Any:
        if info in _SIMPLE:
            return _SIMPLE[info]
        if info not in _FLOATS:
            raise CborError(f"an item that AWS does not use: {info}")
        return struct.unpack(_FLOATS[info], self._take(_WIDTHS[info]))[0]

    def _indefinite(self, major: int) -> Any:
        items: list[Any] = []
        while self._body[self.position] != _BREAK:
            items.append(self.item())
        self.position += 1
        if major == _MAP:
            return dict(zip(items[::2], items[1::2], strict=True))
        if major in {_TEXT, _BYTES}:
            return (b"" if major == _BYTES else "").join(items)
        return items

    def _number(self, info: int) -> int:
        if info not in _WIDTHS:
            raise CborError(f"a broken head: {info}")
        return int.from_bytes(self._take(_WIDTHS[info]), "big")

    def _take(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self._body):
            raise CborError("it ends too early")
        taken, self.position = self._body[self.position : end], end
        return taken
