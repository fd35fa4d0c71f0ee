"""The fleet of the benchmark: 17 regions with the same mix of named and unnamed, new and old instances."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import NamedTuple

REGIONS = """ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1
    eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2""".split()
"""The regions that every account has enabled."""

PAGE = 1000
"""Instances per page."""

EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
_ITEM = Template(Path(__file__).with_name("instance.xml").read_text())
"""An instance as in EC2's API reference, with all its fields: 8 kB."""
_NAMES = ("agr-web-1", "MLG demo", "prod-db", "workernode", "hro_poc", "vle2", "agro", None)
_TYPES = ("t3.medium", "m5.xlarge", "c6i.4xlarge", "r5.2xlarge")


class BenchmarkInstance(NamedTuple):
    """The fields that differ between instances."""

    id: str
    name: str | None
    type: str
    running: bool
    launched: datetime
    env: str


def fleet_instances(region: str, count: int) -> Iterator[BenchmarkInstance]:
    """Yield a region's instances."""
    region_number = REGIONS.index(region)
    for number in range(count):
        name = _NAMES[number % len(_NAMES)]
        yield BenchmarkInstance(
            id=f"i-{region_number:02x}{number:015x}",
            name=name and f"{name}-{number}",
            type=_TYPES[number % len(_TYPES)],
            running=number % 5 > 0,
            launched=NOW - timedelta(hours=1 + number * 7 % 2400),
            env=("dev", "staging", "live")[number % 3],
        )


def pages(region: str, count: int) -> list[bytes]:
    """Return the region's pages of DescribeInstances. The token of a page is the number of the next page."""
    items = [_item(instance) for instance in fleet_instances(region, count)]
    starts = range(0, max(len(items), 1), PAGE)
    return [
        _response_page("".join(items[start : start + PAGE]), number if number < len(starts) else None)
        for number, start in enumerate(starts, 1)
    ]


def page_of(region: str, instance_id: str) -> bytes:
    """Return the answer of DescribeInstances about one instance of the region."""
    number = int(instance_id[-15:], 16)
    *_, instance = fleet_instances(region, number + 1)
    return _response_page(_item(instance), None)


def _item(instance: BenchmarkInstance) -> str:
    stopped = instance.launched + timedelta(minutes=30)
    return _ITEM.substitute(
        id=instance.id,
        name_tag=f"<item><key>Name</key><value>{instance.name}</value></item>" if instance.name else "",
        type=instance.type,
        code=16 if instance.running else 80,
        state="running" if instance.running else "stopped",
        reason="" if instance.running else f"User initiated ({stopped:%Y-%m-%d %H:%M:%S} GMT)",
        launched=f"{instance.launched:%Y-%m-%dT%H:%M:%S}.000Z",
        env=instance.env,
    )


def _response_page(items: str, next_page: int | None) -> bytes:
    token = "" if next_page is None else f"    <nextToken>{next_page}</nextToken>\n"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse xmlns="{EC2}">\n'
        f"    <requestId>8f7724cf-496f-496e-8fe3-example</requestId>\n    <reservationSet>\n{items}"
        f"    </reservationSet>\n{token}</DescribeInstancesResponse>\n"
    ).encode()
