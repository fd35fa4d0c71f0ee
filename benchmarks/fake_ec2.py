"""EC2 on 127.0.0.1, in a process of its own: `python -m benchmarks.fake_ec2 17000` prints its address.

It answers from memory after 100 ms, and checks no signature.
"""

import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from benchmarks.fleet import EC2, REGIONS, pages

LATENCY = 0.1
"""Seconds: about the latency from Europe to the median region."""

_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_CALLER = (
    f'<GetCallerIdentityResponse xmlns="{_STS}"><GetCallerIdentityResult><Account>111122223333</Account>'
    "<Arn>arn:aws:iam::111122223333:user/bench</Arn><UserId>AIDA</UserId></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
).encode()
_REGIONS = (
    f'<DescribeRegionsResponse xmlns="{EC2}"><regionInfo>'
    + "".join(
        f"<item><regionName>{region}</regionName><optInStatus>opt-in-not-required</optInStatus></item>"
        for region in REGIONS
    )
    + "</regionInfo></DescribeRegionsResponse>"
).encode()

Answer = Callable[[str, dict[str, list[str]]], bytes]


def answers(instances: int) -> dict[str, Answer]:
    """Return a function for each action that gives its answer. All regions together have `instances` instances."""
    each, left = divmod(instances, len(REGIONS))
    bodies = {region: pages(region, each + (number < left)) for number, region in enumerate(REGIONS)}
    return {
        "GetCallerIdentity": lambda _region, _form: _CALLER,
        "DescribeRegions": lambda _region, _form: _REGIONS,
        "DescribeInstances": lambda region, form: bodies[region][int(form.get("NextToken", ["0"])[0])],
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, Answer]

    def do_POST(self) -> None:
        """Answer a call after the latency."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        region = self.headers["Authorization"].partition("Credential=")[2].split("/")[2]
        body = self.answers[form["Action"][0]](region, form)
        time.sleep(LATENCY)
        self.send_response_only(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""


def serve(instances: int) -> None:
    """Serve until killed."""
    _Handler.answers = answers(instances)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
