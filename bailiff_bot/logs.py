"""The log: JSON, a line an event, on standard error."""

import logging
import sys

import structlog
from structlog.typing import Processor

_TELL_SECRETS = ("boto3", "botocore", "s3transfer", "slack_bolt", "slack_sdk", "urllib3")
"""Libraries that print tokens, keys or socket tickets at DEBUG: kept at INFO whatever Bailiff's own level."""
_CHATTER = ("apscheduler", "werkzeug")


def begin(level: str) -> None:
    """Send every log, Bailiff's own and the libraries', to standard error as JSON."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    for name in _TELL_SECRETS:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    for name in _CHATTER:
        logging.getLogger(name).setLevel(logging.WARNING)
