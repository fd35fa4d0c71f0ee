"""The fleet of the benchmark: 17 regions, in each the same mixture of named and nameless, fresh and forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import NamedTuple

REGIONS = """ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1
    eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2""".split()
"""Those that every account has."""

PAGE = 1000
"""Instances a page."""

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_ITEM = Template(Path(__file__).with_name("instance.xml").read_text())
"""An instance as EC2's API reference shows one, with all that is told of it: 8 kB."""
_NAMES = ("agr-web-1", "MLG demo", "prod-db", "workernode", "hro_poc", "vle2", "agro", None)
_TYPES = ("t3.medium", "m5.xlarge", "c6i.4xlarge", "r5.2xlarge")


class Machine(NamedTuple):
    """What differs from one instance to the next."""

    id: str
    name: str | None
    type: str
    running: bool
    launched: datetime
    env: str


def machines(region: str, count: int) -> Iterator[Machine]:
    """Yield a region's instances."""
    place = REGIONS.index(region)
    for number in range(count):
        name = _NAMES[number % len(_NAMES)]
        yield Machine(
            id=f"i-{place:02x}{number:015x}",
            name=name and f"{name}-{number}",
            type=_TYPES[number % len(_TYPES)],
            running=number % 5 > 0,
            launched=NOW - timedelta(hours=1 + number * 7 % 2400),
            env=("dev", "staging", "live")[number % 3],
        )


def pages(region: str, count: int) -> list[bytes]:
    """Return the region's answers to DescribeInstances, page by page; a token is the number of the page it leads to."""
    items = [_item(machine) for machine in machines(region, count)]
    starts = range(0, max(len(items), 1), PAGE)
    return [
        _answer("".join(items[start : start + PAGE]), number if number < len(starts) else None)
        for number, start in enumerate(starts, 1)
    ]


def _item(machine: Machine) -> str:
    stopped = machine.launched + timedelta(minutes=30)
    return _ITEM.substitute(
        id=machine.id,
        name_tag=f"<item><key>Name</key><value>{machine.name}</value></item>" if machine.name else "",
        type=machine.type,
        code=16 if machine.running else 80,
        state="running" if machine.running else "stopped",
        reason="" if machine.running else f"User initiated ({stopped:%Y-%m-%d %H:%M:%S} GMT)",
        launched=f"{machine.launched:%Y-%m-%dT%H:%M:%S}.000Z",
        env=machine.env,
    )


def _answer(items: str, following: int | None) -> bytes:
    token = "" if following is None else f"    <nextToken>{following}</nextToken>\n"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="{EC2}">\n'
        f"    <requestId>8f7724cf-496f-496e-8fe3-example</requestId>\n    <reservationSet>\n{items}"
        f"    </reservationSet>\n{token}</DescribeInstancesResponse>\n"
    ).encode()
