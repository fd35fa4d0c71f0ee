"""The floor: no way to read the same bytes with lxml in one thread is faster."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from queue import Queue
from urllib.parse import urlsplit

from lxml import etree

from benchmarks.fleet import EC2, REGIONS

_ITEMS = f"{{{EC2}}}reservationSet/{{{EC2}}}item"
_TOKEN = b"<nextToken>"


def fetch_and_parse() -> int:
    """Return the number of reservations."""
    arrived: Queue[bytes | None] = Queue(maxsize=len(REGIONS))
    with ThreadPoolExecutor(len(REGIONS)) as pool:
        for region in REGIONS:
            pool.submit(_fetch, region, arrived)
        return sum(len(etree.fromstring(body).findall(_ITEMS)) for body in _all(arrived))


def _all(arrived: "Queue[bytes | None]") -> Iterator[bytes]:
    left = len(REGIONS)
    while left:
        body = arrived.get()
        if body is None:
            left -= 1
        else:
            yield body


def _fetch(region: str, arrived: "Queue[bytes | None]") -> None:
    """Fetch a region's pages one after the other."""
    address = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential=x/20261123/{region}/ec2/aws4_request"}
    following = "0"
    with closing(HTTPConnection(address.hostname or "", address.port)) as connection:
        while following:
            connection.request("POST", "/", f"Action=DescribeInstances&NextToken={following}", headers)
            body = connection.getresponse().read()
            arrived.put(body)
            following = body[-100:].partition(_TOKEN)[2].partition(b"<")[0].decode()
    arrived.put(None)
