"""A request to AWS, parsed."""

import io
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Request

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
    access_key: str = ""
    region: str = ""
    service: str = ""
    signed_headers: tuple[str, ...] = ()
    signature: str = field(default="", repr=False)

    @property
    def action(self) -> str:
        """The action, such as `DescribeInstances`."""
        return self.form.get("Action", "")

    @property
    def iam_action(self) -> str:
        """The action with IAM's name, such as `ec2:DescribeInstances`."""
        return f"{self.service}:{self.action}"

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
    return SignedRequest(
        method=request.method,
        url=request.url,
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        form=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
        access_key=match["key"] if match else "",
        region=match["region"] if match else "",
        service=match["service"] if match else "",
        signed_headers=tuple(match["headers"].split(";")) if match else (),
        signature=match["signature"] if match else "",
    )


def replace_form(environ: dict[str, Any], form: dict[str, str]) -> None:
    """Replace the parameters of a request before it is forwarded."""
    body = urlencode(form).encode()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
