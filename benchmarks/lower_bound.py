"""The lower bound: nothing that reads the same bytes with lxml in one thread can be faster."""

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
    """Fetch every page, parse it, and return the number of reservations."""
    bodies: Queue[bytes | None] = Queue(maxsize=len(REGIONS))
    with ThreadPoolExecutor(len(REGIONS)) as pool:
        for region in REGIONS:
            pool.submit(_fetch, region, bodies)
        return sum(len(etree.fromstring(body).findall(_ITEMS)) for body in _bodies(bodies))


def _bodies(bodies: "Queue[bytes | None]") -> Iterator[bytes]:
    unfinished = len(REGIONS)
    while unfinished:
        body = bodies.get()
        if body is None:
            unfinished -= 1
        else:
            yield body


def _fetch(region: str, bodies: "Queue[bytes | None]") -> None:
    """Fetch a region's pages one after the other. A None in the queue marks the end."""
    address = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential=x/20261123/{region}/ec2/aws4_request"}
    next_token = "0"  # noqa: S105 - the number of a page
    with closing(HTTPConnection(address.hostname or "", address.port)) as connection:
        while next_token:
            connection.request("POST", "/", f"Action=DescribeInstances&NextToken={next_token}", headers)
            body = connection.getresponse().read()
            bodies.put(body)
            next_token = body[-100:].partition(_TOKEN)[2].partition(b"<")[0].decode()
    bodies.put(None)
