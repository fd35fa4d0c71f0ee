"""botocore's response parsers, of which EC2's leaves the answer of DescribeInstances unread."""

from typing import Any

from botocore.parsers import EC2QueryParser, ResponseParserFactory
from botocore.response import StreamingBody

from bailiff_bot.aws.service_model import BODY


class _StreamingParser(EC2QueryParser):  # type: ignore[misc]  # botocore is untyped
    """EC2's parser, which hands over a stream as it is. Errors are no streams."""

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """Return the answer as botocore's callers get it."""
        if isinstance(response["body"], StreamingBody):
            return {BODY: response["body"]}
        return super().parse(response, shape)


class ParserFactory(ResponseParserFactory):  # type: ignore[misc]  # botocore is untyped
    """A session component, `response_parser_factory`."""

    def create_parser(self, protocol_name: str) -> Any:
        """Return the parser of a protocol."""
        return _StreamingParser() if protocol_name == "ec2" else super().create_parser(protocol_name)
