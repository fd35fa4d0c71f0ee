"""botocore's response parsers, with one for EC2 that returns the answer of DescribeInstances as a stream."""

from typing import Any

from botocore.parsers import EC2QueryParser, ResponseParserFactory
from botocore.response import StreamingBody

from bailiff_bot.aws.service_model import BODY


class _StreamingParser(EC2QueryParser):  # type: ignore[misc]  # botocore is untyped
    """Parses an answer of EC2, except a stream, which it returns unread. Errors never come as a stream."""

    def parse(self, response: dict[str, Any], shape: Any) -> Any:
        """Return the answer in botocore's format."""
        if isinstance(response["body"], StreamingBody):
            return {BODY: response["body"]}
        return super().parse(response, shape)


class ParserFactory(ResponseParserFactory):  # type: ignore[misc]  # botocore is untyped
    """The component `response_parser_factory` of a botocore session."""

    def create_parser(self, protocol_name: str) -> Any:
        """Return the parser for a protocol."""
        return _StreamingParser() if protocol_name == "ec2" else super().create_parser(protocol_name)
