"""The log: JSON, a line an event, on standard error."""

import logging
import sys

import structlog
from structlog.typing import Processor

_LOGGERS_WITH_SECRETS = ("slack_bolt", "slack_sdk", "urllib3")
"""Libraries that print tokens, keys or socket tickets at DEBUG: kept at INFO whatever Bailiff's own level."""
_VERBOSE_LOGGERS = ("apscheduler", "boto3", "botocore", "werkzeug")
"""Libraries whose INFO is a line for each client or job; botocore's DEBUG prints keys, besides."""
_DUPLICATE_LOGGERS = ("slack_sdk.web.base_client", "slack_sdk.webhook.client")
"""What these log as errors they raise too, and it is told in one line, without the page that a proxy answered."""


def configure_logging(level: str) -> None:
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
    for name in _LOGGERS_WITH_SECRETS:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level)))
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _DUPLICATE_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("slack_bolt.App").addFilter(_is_relevant)


def _is_relevant(record: logging.LogRecord) -> bool:
    """Keep back Bolt's warning that the token it finds in the environment is unused: its client has it already."""
    return "`token` will be unused" not in record.getMessage()
