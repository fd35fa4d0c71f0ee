"""EC2 and STS on 127.0.0.1, in a process of its own: `python -m benchmarks.fake_ec2 17000 0.1` prints its address.

The arguments are the number of instances in the bot's own account, and the seconds that an answer takes. It answers
from memory, and checks no signature. Every role can be assumed; its account is empty.
"""

import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from benchmarks.fleet import EC2, REGIONS, page_of, pages

_STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_CALLER = (
    f'<GetCallerIdentityResponse xmlns="{_STS}"><GetCallerIdentityResult><Account>111122223333</Account>'
    "<Arn>arn:aws:iam::111122223333:user/bench</Arn><UserId>AIDA</UserId></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
).encode()
_ROLE_KEY = "ASIABENCH"
_ROLE = (
    f'<AssumeRoleResponse xmlns="{_STS}"><AssumeRoleResult><Credentials><AccessKeyId>{_ROLE_KEY}</AccessKeyId>'
    "<SecretAccessKey>bench</SecretAccessKey><SessionToken>bench</SessionToken>"
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
).encode()
_REGIONS = (
    f'<DescribeRegionsResponse xmlns="{EC2}"><regionInfo>'
    + "".join(
        f"<item><regionName>{region}</regionName><optInStatus>opt-in-not-required</optInStatus></item>"
        for region in REGIONS
    )
    + "</regionInfo></DescribeRegionsResponse>"
).encode()

Answer = Callable[[str, str, dict[str, list[str]]], bytes]
"""Returns the body for an access key, a region and a form."""


def answers(instances: int) -> dict[str, Answer]:
    """Return a function for each action that gives its answer. All regions together have `instances` instances."""
    each, left = divmod(instances, len(REGIONS))
    bodies = {region: pages(region, each + (number < left)) for number, region in enumerate(REGIONS)}
    [empty] = pages(REGIONS[0], 0)

    def describe_instances(access_key: str, region: str, form: dict[str, list[str]]) -> bytes:
        if access_key == _ROLE_KEY:
            return empty
        if wanted := form.get("Filter.1.Value.1"):  # by id, the only filter that Bailiff uses
            return page_of(region, wanted[0])
        return bodies[region][int(form.get("NextToken", ["0"])[0])]

    return {
        "GetCallerIdentity": lambda *_: _CALLER,
        "AssumeRole": lambda *_: _ROLE,
        "DescribeRegions": lambda *_: _REGIONS,
        "DescribeInstances": describe_instances,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, Answer]
    latency: float

    def do_POST(self) -> None:
        """Answer a call after the latency."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        access_key, _, region = self.headers["Authorization"].partition("Credential=")[2].split("/")[:3]
        body = self.answers[form["Action"][0]](access_key, region, form)
        time.sleep(self.latency)
        self.send_response_only(200)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""


def serve(instances: int, latency: float) -> None:
    """Serve until killed."""
    _Handler.answers, _Handler.latency = answers(instances), latency
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]))
