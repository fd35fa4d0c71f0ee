"""Answers of DescribeInstances, written as EC2 writes them and as it never would."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from bailiff_bot.domain.instance import Target

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
TARGET = Target("111122223333", "eu-west-1")

Content = str | list[tuple[str, "Content"]]
"""What stands in an element: text, or further elements, of which some may have one name."""
Elements = list[tuple[str, Content]]


def element(name: str, content: Content) -> str:
    if content == "":
        return f"<{name}/>"
    inside = escape(content) if isinstance(content, str) else "\n".join(element(*child) for child in content)
    return f"<{name}>{inside}</{name}>"


def instance_element(**changed: Content | None) -> Elements:
    """A whole instance, some fields of it changed, or taken away by None."""
    whole: dict[str, Content | None] = {
        "instanceId": "i-1",
        "imageId": "ami-1",
        "instanceState": [("code", "16"), ("name", "running")],
        "instanceType": "t3.micro",
        "launchTime": "2026-11-01T08:00:00.000Z",
        **changed,
    }
    return [(name, content) for name, content in whole.items() if content is not None]


def tag_elements(*pairs: tuple[str, str]) -> Content:
    return [("item", [("key", key), ("value", value)]) for key, value in pairs]


def reservation_element(*instances: Elements) -> Elements:
    return [("reservationId", "r-1"), ("instancesSet", [("item", fields) for fields in instances])]


def describe_instances_body(*reservations: Elements, extra: Iterable[tuple[str, Content]] = ()) -> bytes:
    """The answer with these reservations, and with what else stands at the top."""
    top: Elements = [("requestId", "1"), ("reservationSet", [("item", fields) for fields in reservations]), *extra]
    inside = "\n".join(element(*child) for child in top)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<X xmlns="{EC2}">{inside}</X>'.encode()
