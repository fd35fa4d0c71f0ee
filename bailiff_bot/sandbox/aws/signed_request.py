"""A request to AWS, parsed."""

import io
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.wrappers import Request

from bailiff_bot.sandbox.aws.protocols import Protocol, action_of, decode_parameters, protocol_of

_XML_PROTOCOLS = {Protocol.EC2, Protocol.QUERY}
_IAM_PREFIXES = {"monitoring": "cloudwatch"}
"""Where IAM calls a service otherwise than a signature does."""
_AUTHORIZATION_HEADER = re.compile(
    r"Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request; without a signature, the fields of the signature are empty."""

    method: str
    url: str
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    form: dict[str, str]
    """The parameters of the EC2 and query protocols; else empty."""
    protocol: Protocol = Protocol.QUERY
    parameters: dict[str, Any] | None = None
    """The parameters of the JSON and CBOR protocols; None if the body holds none."""
    access_key: str = ""
    region: str = ""
    service: str = ""
    signed_headers: tuple[str, ...] = ()
    signature: str = field(default="", repr=False)

    @property
    def action(self) -> str:
        """The action, such as `DescribeInstances`."""
        return action_of(self.protocol, self.headers, urlsplit(self.url).path, self.form)

    @property
    def iam_action(self) -> str:
        """The action with IAM's name, such as `cloudwatch:GetMetricData`."""
        return f"{_IAM_PREFIXES.get(self.service, self.service)}:{self.action}"

    @property
    def instance_ids(self) -> list[str]:
        """The ids of the instances that it names."""
        single = self.form.get("InstanceId")
        return [single] if single else self.values("InstanceId")

    def values(self, name: str) -> list[str]:
        """Return the values of a list parameter, such as `ResourceId.1`, `ResourceId.2`."""
        return [value for key, value in self.form.items() if re.fullmatch(rf"{re.escape(name)}\.\d+", key)]

    def tags(self, prefix: str) -> dict[str, str]:
        """Return the tags of a list parameter, such as `Tag.1.Key`, `Tag.1.Value`."""
        keys = {key: value for key, value in self.form.items() if re.fullmatch(rf"{re.escape(prefix)}\.\d+\.Key", key)}
        return {value: self.form.get(f"{key.removesuffix('.Key')}.Value", "") for key, value in keys.items()}

    @property
    def dry_run(self) -> bool:
        """True if it only checks the permission."""
        return self.form.get("DryRun") == "true"


def parse_request(environ: dict[str, Any]) -> SignedRequest:
    """Return the parsed request; its body stays readable for the next WSGI application."""
    request = Request(environ)
    body = request.get_data()
    environ["wsgi.input"] = io.BytesIO(body)
    match = _AUTHORIZATION_HEADER.search(request.headers.get("Authorization", ""))
    headers = {name.lower(): value for name, value in request.headers.items()}
    protocol = protocol_of(match["service"] if match else "", headers)
    return SignedRequest(
        method=request.method,
        url=request.url,
        body=body,
        headers=headers,
        **_parameters(protocol, body),
        access_key=match["key"] if match else "",
        region=match["region"] if match else "",
        service=match["service"] if match else "",
        signed_headers=tuple(match["headers"].split(";")) if match else (),
        signature=match["signature"] if match else "",
    )


def _parameters(protocol: Protocol, body: bytes) -> dict[str, Any]:
    """Return the fields of a request that say what it asks for."""
    if protocol in _XML_PROTOCOLS:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return {"protocol": protocol, "form": form}
    return {"protocol": protocol, "form": {}, "parameters": decode_parameters(protocol, body)}


def replace_form(environ: dict[str, Any], form: dict[str, str]) -> None:
    """Replace the parameters of a request before it is forwarded."""
    body = urlencode(form).encode()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
