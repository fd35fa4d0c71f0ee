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

from bailiff_bot.aws.instance_parser import existing, refusal
from bailiff_bot.domain.instance import Instance, Target

_AT_A_TIME = threading.BoundedSemaphore(2)
"""How many threads parse: while one of them needs Python's lock, the other does not."""

_ENOUGH = 1 << 18
"""Bytes after which it is worth while to parse what has come."""

_OPEN, _CLOSE = b"<instancesSet>", b"</instancesSet>"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of DescribeInstances."""

    instances: list[Instance]
    """Those that still exist."""
    next_token: str | None
    """None: there is no further page."""


def page(pieces: Iterable[bytes], target: Target) -> Page:
    """Return the page whose body comes in pieces.

    Raises Unreadable where the body is not an answer of DescribeInstances, such as a page of HTML with status 200, and
    where any part of it is not as EC2 writes it: never fewer instances.
    """
    reader = _Reader(target)
    for piece in pieces:
        reader.feed(piece)
    return reader.close()


class _Reader:
    """Hears one body."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._instances: list[Instance] = []
        self._seen: dict[str, str] = {}
        self._unheard: list[bytes] = []
        self._rest: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        """Take the next piece; a set that is not whole is looked at again when there is twice as much of it."""
        self._unheard.append(piece)
        if sum(map(len, self._unheard)) >= max(_ENOUGH, 2 * len(self._unheard[0])):
            self._hear()

    def close(self) -> Page:
        """Return the page, now that it is whole."""
        self._hear()
        root = _parsed(b"".join((*self._rest, *self._unheard)))
        sets = [_only(reservation, "instancesSet") for reservation in _only(root, "reservationSet")]
        if any(map(len, sets)) or len(sets) < sum(1 for _ in root.iter("{*}instancesSet")):
            raise refusal("the answer has an instancesSet as EC2 writes none")
        tokens = [token.text for token in root.iterchildren("{*}nextToken")]
        if len(tokens) > 1:
            raise refusal("the answer announces two pages")
        return Page(self._instances, tokens[0] if tokens else None)

    def _hear(self) -> None:
        """Cut out the sets that are whole."""
        *before, after = b"".join(self._unheard).split(_CLOSE)
        self._unheard = [after]
        contents = list(self._contents(before))
        if contents:
            with _AT_A_TIME:
                rows = (row for rows in _parsed(b"<all>%b</all>" % b"".join(contents)) for row in rows)
                found = (existing(row, self._target, self._seen.setdefault) for row in rows)
                self._instances.extend(instance for instance in found if instance)

    def _contents(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            outside, opened, inside = part.partition(_OPEN)
            self._rest += (outside, opened, _CLOSE)
            yield b"%b%b%b" % (_OPEN, inside, _CLOSE)


def _only(parent: Any, name: str) -> Any:
    found = list(parent.iterchildren("{*}" + name))
    if len(found) != 1:
        raise refusal(f"the answer has {len(found) or 'no'} {name}")
    return found[0]


def _parsed(xml: bytes) -> Any:
    if (b"!" in xml and b"<!" in xml) or (b"?" in xml and xml.find(b"<?", 1) > 0):  # one rare byte is found much faster
        raise refusal("the answer has comments or definitions, and EC2 writes none")
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
        raise refusal(f"the answer is not XML: {error}") from error
