"""From the body of DescribeInstances to instances, while it arrives: only the fields we use, and next to nothing kept.

botocore builds every field of the answer, several times as slowly. Here the contents of each `instancesSet`, nearly all
of an answer, are cut out as soon as they are whole, and parsed by lxml without holding Python's lock. What is left is
parsed as what it is, the answer, and has to fit: so a page of 8 MB never stands in memory, and nothing of it is lost in
silence.

A tag can be found among the bytes because `<` stands nowhere else in XML, but in comments, definitions and the like:
they begin with `<!` or `<?`, EC2 writes none, and an answer that has some is refused.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from bailiff_bot.aws.instance_parser import bad_answer, parse_instance
from bailiff_bot.domain.instance import Instance, Target

_PARSER_SEMAPHORE = threading.BoundedSemaphore(2)
"""How many threads parse: while one of them needs Python's lock, the other does not."""

_MIN_PARSE_BYTES = 1 << 18
"""Bytes after which it is worth while to parse what has come."""

_OPEN, _CLOSE = b"<instancesSet>", b"</instancesSet>"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of DescribeInstances."""

    instances: list[Instance]
    """Those that still exist."""
    next_token: str | None
    """None: there is no further page."""


def parse_page(chunks: Iterable[bytes], target: Target) -> Page:
    """Return the page whose body comes in pieces.

    Raises Unreadable where the body is not an answer of DescribeInstances, such as a page of HTML with status 200, and
    where any part of it is not as EC2 writes it: never fewer instances.
    """
    reader = _PageParser(target)
    for piece in chunks:
        reader.feed(piece)
    return reader.close()


class _PageParser:
    """Hears one body."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._instances: list[Instance] = []
        self._interned: dict[str, str] = {}
        self._pending: list[bytes] = []
        self._envelope: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; a set that is not whole is looked at again when there is twice as much of it."""
        self._pending.append(chunk)
        if sum(map(len, self._pending)) >= max(_MIN_PARSE_BYTES, 2 * len(self._pending[0])):
            self._parse_complete_sets()

    def close(self) -> Page:
        """Return the page, now that it is whole."""
        self._parse_complete_sets()
        root = _parse_xml(b"".join((*self._envelope, *self._pending)))
        sets = [_single_child(reservation, "instancesSet") for reservation in _single_child(root, "reservationSet")]
        if any(map(len, sets)) or len(sets) < sum(1 for _ in root.iter("{*}instancesSet")):
            raise bad_answer("the answer has an instancesSet as EC2 writes none")
        tokens = [token.text for token in root.iterchildren("{*}nextToken")]
        if len(tokens) > 1:
            raise bad_answer("the answer announces two pages")
        return Page(self._instances, tokens[0] if tokens else None)

    def _parse_complete_sets(self) -> None:
        """Cut out the sets that are whole."""
        *before, after = b"".join(self._pending).split(_CLOSE)
        self._pending = [after]
        contents = list(self._contents(before))
        if contents:
            with _PARSER_SEMAPHORE:
                rows = (row for rows in _parse_xml(b"<all>%b</all>" % b"".join(contents)) for row in rows)
                found = (parse_instance(row, self._target, self._interned.setdefault) for row in rows)
                self._instances.extend(instance for instance in found if instance)

    def _contents(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            outside, opened, inside = part.partition(_OPEN)
            self._envelope += (outside, opened, _CLOSE)
            yield b"%b%b%b" % (_OPEN, inside, _CLOSE)


def _single_child(parent: Any, name: str) -> Any:
    found = list(parent.iterchildren("{*}" + name))
    if len(found) != 1:
        raise bad_answer(f"the answer has {len(found) or 'no'} {name}")
    return found[0]


def _parse_xml(xml: bytes) -> Any:
    if (b"!" in xml and b"<!" in xml) or (b"?" in xml and xml.find(b"<?", 1) > 0):  # one rare byte is found much faster
        raise bad_answer("the answer has comments or definitions, and EC2 writes none")
    parser = etree.XMLParser(
        encoding="utf-8",  # as botocore has it, whatever the body says of itself
        resolve_entities=False,
        no_network=True,
        collect_ids=False,
        huge_tree=True,  # a page may be larger than the 10 MB that libxml2 takes for an attack
        # before a carriage return, libxml2 would take a blank name for indentation
        remove_blank_text=b"\r" not in xml,
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise bad_answer(f"the answer is not XML: {error}") from error
