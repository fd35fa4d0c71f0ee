"""Parses the body of DescribeInstances to instances while it arrives. It reads only the fields that Bailiff uses.

botocore parses every field and is several times slower. Here each `instancesSet` is cut out of the body as soon as it
is complete, and lxml parses it without holding Python's global interpreter lock (GIL). These sets are nearly the whole
body. The rest, the envelope, is parsed at the end and must have the structure of an answer. So a page of 8 MB is never
in memory as a whole, and a missing part is always noticed.

The parser finds a tag by searching the bytes. That is safe because in XML `<` begins a tag, except in comments,
definitions and similar, which begin with `<!` or `<?`. EC2 writes none of them, and the parser refuses an answer with
one. It refuses a namespace inside a set too: a set that is cut out does not have the namespaces of the elements around
it. `botocore_parser` reads what this parser refuses.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from bailiff_bot.aws.instance_parser import parse_instance
from bailiff_bot.aws.xml_fields import bad_answer
from bailiff_bot.domain.instance import Instance, Target

_PARSER_SEMAPHORE = threading.BoundedSemaphore(2)
"""Two threads parse at a time: while one of them holds the GIL, the other works without it."""

_MIN_PARSE_BYTES = 1 << 18
"""The parser waits for this many bytes, because many small steps would be slow."""

_OPEN, _CLOSE = b"<instancesSet>", b"</instancesSet>"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of DescribeInstances."""

    instances: list[Instance]
    """Without terminated ones and those that are shutting down."""
    next_token: str | None
    """The token of the next page; None for the last page."""


def parse_page(chunks: Iterable[bytes], target: Target) -> Page:
    """Return the page whose body arrives in `chunks`.

    Raises Unreadable if the body is not an answer of DescribeInstances (an HTML page with status 200, for example), or
    if any part of it is not as EC2 writes it. It never returns only some of the instances.
    """
    parser = _PageParser(target)
    for chunk in chunks:
        parser.feed(chunk)
    return parser.close()


class _PageParser:
    """Parses the body of one page, chunk by chunk."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._instances: list[Instance] = []
        self._interned: dict[str, str] = {}
        self._pending: list[bytes] = []
        self._envelope: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        """Add the next chunk. An incomplete set is searched again only when it has doubled in size."""
        self._pending.append(chunk)
        if sum(map(len, self._pending)) >= max(_MIN_PARSE_BYTES, 2 * len(self._pending[0])):
            self._parse_complete_sets()

    def close(self) -> Page:
        """Return the page. All chunks must have been added."""
        self._parse_complete_sets()
        root = parse_xml(b"".join((*self._envelope, *self._pending)))
        sets = [single_child(reservation, "instancesSet") for reservation in single_child(root, "reservationSet")]
        if any(map(len, sets)) or len(sets) < sum(1 for _ in root.iter("{*}instancesSet")):
            raise bad_answer("the answer has an unexpected instancesSet")
        tokens = [token.text for token in root.iterchildren("{*}nextToken")]
        if len(tokens) > 1:
            raise bad_answer("the answer has two tokens for the next page")
        return Page(self._instances, tokens[0] if tokens else None)

    def _parse_complete_sets(self) -> None:
        """Move the complete sets out of the pending bytes, and parse their instances."""
        *complete, incomplete = b"".join(self._pending).split(_CLOSE)
        self._pending = [incomplete]
        sets = b"".join(self._cut_out_sets(complete))
        if b"xmlns" in sets:
            raise bad_answer("the answer has a namespace inside an instancesSet")
        if sets:
            with _PARSER_SEMAPHORE:
                items = (item for items in parse_xml(b"<all>%b</all>" % sets) for item in items)
                instances = (parse_instance(item, self._target, self._interned.setdefault) for item in items)
                self._instances.extend(instance for instance in instances if instance)

    def _cut_out_sets(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the set at the end of each part. The envelope keeps what is around it, with an empty set."""
        for part in parts:
            outside, open_tag, inside = part.partition(_OPEN)
            self._envelope += (outside, open_tag, _CLOSE)
            yield b"%b%b%b" % (_OPEN, inside, _CLOSE)


def single_child(parent: Any, name: str) -> Any:
    """Return the one child with a name, in any namespace. Raises Unreadable if there are none or several."""
    children = list(parent.iterchildren("{*}" + name))
    if len(children) != 1:
        raise bad_answer(f"the answer has {len(children) or 'no'} {name}")
    return children[0]


def parse_xml(xml: bytes) -> Any:
    """Return the root element. Raises Unreadable for anything that EC2 would not send."""
    # the search for one rare byte is much faster, and mostly it suffices
    if (b"!" in xml and b"<!" in xml) or (b"?" in xml and xml.find(b"<?", 1) > 0):
        raise bad_answer("the answer has comments or definitions, which EC2 never sends")
    parser = etree.XMLParser(
        encoding="utf-8",  # as in botocore, whatever encoding the body declares
        resolve_entities=False,
        no_network=True,
        collect_ids=False,
        huge_tree=True,  # a page may be larger than 10 MB, which libxml2 refuses by default
        # with a carriage return in the body, libxml2 would remove a blank tag value as if it were indentation
        remove_blank_text=b"\r" not in xml,
    )
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise bad_answer(f"the answer is not XML: {error}") from error
