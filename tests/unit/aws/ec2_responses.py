"""Responses of DescribeInstances: as EC2 writes them, and with errors that it never makes."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from bailiff_bot.domain.instance import Target

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
TARGET = Target("111122223333", "eu-west-1")

Content = str | list[tuple[str, "Content"]]
"""The content of an element: text, or further elements. Several of these may have the same name."""
Elements = list[tuple[str, Content]]


def element(name: str, content: Content) -> str:
    if content == "":
        return f"<{name}/>"
    inner_xml = escape(content) if isinstance(content, str) else "\n".join(element(*child) for child in content)
    return f"<{name}>{inner_xml}</{name}>"


def instance_element(**changed: Content | None) -> Elements:
    """Return a complete instance with some fields changed. None removes a field."""
    elements: dict[str, Content | None] = {
        "instanceId": "i-1",
        "imageId": "ami-1",
        "instanceState": [("code", "16"), ("name", "running")],
        "instanceType": "t3.micro",
        "launchTime": "2026-11-01T08:00:00.000Z",
        **changed,
    }
    return [(name, content) for name, content in elements.items() if content is not None]


def tag_elements(*pairs: tuple[str, str]) -> Content:
    return [("item", [("key", key), ("value", value)]) for key, value in pairs]


def reservation_element(*instances: Elements) -> Elements:
    return [("reservationId", "r-1"), ("instancesSet", [("item", fields) for fields in instances])]


def describe_instances_body(*reservations: Elements, extra: Iterable[tuple[str, Content]] = ()) -> bytes:
    """Return a response body with these reservations, and with further elements at its top level."""
    top: Elements = [("requestId", "1"), ("reservationSet", [("item", fields) for fields in reservations]), *extra]
    inner_xml = "\n".join(element(*child) for child in top)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<X xmlns="{EC2}">{inner_xml}</X>'.encode()
