"""XML that EC2 does not write, but that means the same, gives the same instances. A document type is refused."""

from random import Random
from unittest.mock import patch
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bailiff_bot.aws import page_parser
from bailiff_bot.aws.botocore_parser import parse_with_botocore
from bailiff_bot.aws.errors import Unreadable
from bailiff_bot.aws.page_parser import Page, parse_page
from tests.builders import scaled
from tests.unit.aws.ec2_responses import (
    EC2,
    TARGET,
    Content,
    Elements,
    describe_instances_body,
    instance_element,
    reservation_element,
    tag_elements,
)
from tests.unit.aws.test_page_parser_differential import split

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff", exclude_categories=["Cc", "Cs"]))
COMMENTS = ("<!-- a -->", "<!-- <instancesSet><item/></instancesSet> & -->", "<?php </instancesSet> ?>", "<?target?>")
MISCELLANEOUS = ("", " ", "\r\n\t", *COMMENTS)


class Rewriter:
    """Writes elements as XML in one of the many legal ways. `rate` is how often it deviates from EC2's."""

    def __init__(self, random: Random, rate: float) -> None:
        self.random = random
        self.rate = rate

    def vary(self, usual: str, *unusual: str) -> str:
        return self.random.choice(unusual) if self.random.random() < self.rate else usual

    def document(self, reservations: list[Elements], token: str) -> bytes:
        top: Elements = [
            ("requestId", "1"),
            ("reservationSet", [("item", fields) for fields in reservations]),
            *([("nextToken", token)] if token else []),
        ]
        namespaces = self.vary(f' xmlns="{EC2}"', "", " xmlns='urn:another'") + f" xmlns:e='{EC2}'"
        declaration = self.vary("", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8' ?>\n")
        root = self.element("X", top, self.vary("", "e:"), namespaces)
        return (declaration + root + self.vary(*MISCELLANEOUS)).encode()

    def element(self, name: str, content: Content, prefix: str, attributes: str = "") -> str:
        tag = self.vary(prefix, "e:") + name
        attributes = attributes or self.vary("", f' xmlns="{EC2}"', " xml:space='preserve'", " a = '>'", "\n")
        if not content:
            return self.vary(f"<{tag}{attributes}/>", f"<{tag}{attributes}></{tag} >")
        inner_xml = self.text(content) if isinstance(content, str) else self.children(content, prefix)
        return f"<{tag}{attributes}>{inner_xml}</{tag}{self.vary('', ' ')}>"

    def children(self, elements: Elements, prefix: str) -> str:
        return "".join(self.element(*child, prefix) + self.vary(*MISCELLANEOUS) for child in elements)

    def text(self, text: str) -> str:
        """Write the text in two pieces, which a comment may separate."""
        cut = self.random.randint(0, len(text))
        return self.piece(text[:cut]) + self.vary("", *COMMENTS) + self.piece(text[cut:])

    def piece(self, text: str) -> str:
        references = "".join(f"&#x{ord(character):x};" for character in text)
        return self.vary(escape(text), references, *([] if "]]>" in text else [f"<![CDATA[{text}]]>"]))


INSTANCES = st.lists(
    st.builds(
        lambda number, name, values, state: instance_element(
            instanceId=f"i-{number}",
            instanceState=[("name", state), ("code", "16")],
            tagSet=tag_elements(("Name", name), *values.items()),
            reason="",
            networkInterfaceSet=[],
        ),
        st.integers(1, 99),
        TEXT,
        st.dictionaries(TEXT.filter(bool), TEXT, max_size=2),
        st.sampled_from(["running", "stopped", "terminated"]),
    ),
    max_size=4,
)
RESERVATIONS = st.lists(INSTANCES.map(lambda instances: reservation_element(*instances)), max_size=3)


def lean_page(chunks: list[bytes]) -> Page | None:
    """Return the page as our own parser reads it, or None if it refuses the body."""
    try:
        return parse_page(chunks, TARGET)
    except Unreadable:
        return None


@settings(max_examples=scaled(400), deadline=None)
@given(
    RESERVATIONS,
    st.sampled_from(["", "two"]),
    st.builds(Rewriter, st.randoms(use_true_random=True), st.sampled_from([0.005, 0.02, 0.1, 0.5])),
    st.integers(1, 3000),
)
def test_every_legal_rewriting_of_a_page_gives_the_same_page(
    reservations: list[Elements], token: str, rewriter: Rewriter, size: int
) -> None:
    plain = describe_instances_body(*reservations, extra=[("nextToken", token)] if token else [])
    expected = parse_with_botocore([plain], TARGET)
    rewritten = rewriter.document(reservations, token)
    with patch.object(page_parser, "_MIN_PARSE_BYTES", size):
        assert lean_page(split(rewritten, size)) in (None, expected)
    assert parse_with_botocore([rewritten], TARGET) == expected


@pytest.mark.parametrize("name", ["tagSet", "key", "value", "reason"])
def test_an_optional_field_in_a_namespace_of_its_own_is_not_passed_over(name: str) -> None:
    body = describe_instances_body(reservation_element(instance_element(tagSet=tag_elements(("a", "b")), reason="c")))
    assert lean_page([body.replace(f"<{name}>".encode(), f'<{name} xmlns="{EC2}">'.encode())]) is None
