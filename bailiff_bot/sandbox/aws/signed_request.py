"""One request to AWS, as the gate understands it."""

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
    """A signed request; the fields of the signature are empty when there is none."""

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
        """The operation, such as `DescribeInstances`."""
        return self.form.get("Action", "")

    @property
    def iam_action(self) -> str:
        """The operation as IAM names it, such as `ec2:DescribeInstances`."""
        return f"{self.service}:{self.action}"

    @property
    def instance_ids(self) -> list[str]:
        """The instances it is about."""
        return [value for key, value in self.form.items() if key.startswith("InstanceId.")]

    @property
    def dry_run(self) -> bool:
        """Whether it only asks if it might."""
        return self.form.get("DryRun") == "true"


def parse_request(environ: dict[str, Any]) -> SignedRequest:
    """Read a request; its body stays readable for whoever comes behind."""
    request = Request(environ)
    body = request.get_data()
    environ["wsgi.input"] = io.BytesIO(body)
    found = _AUTHORIZATION_HEADER.search(request.headers.get("Authorization", ""))
    return SignedRequest(
        method=request.method,
        url=request.url,
        body=body,
        headers={name.lower(): value for name, value in request.headers.items()},
        form=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
        access_key=found["key"] if found else "",
        region=found["region"] if found else "",
        service=found["service"] if found else "",
        signed_headers=tuple(found["headers"].split(";")) if found else (),
        signature=found["signature"] if found else "",
    )


def replace_form(environ: dict[str, Any], form: dict[str, str]) -> None:
    """Put other parameters into a request that is to be passed on."""
    body = urlencode(form).encode()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
