"""The log: JSON on standard error, one line per event."""

import logging
import sys

import structlog
from structlog.typing import Processor

_LOGGERS_WITH_SECRETS = ("slack_bolt", "slack_sdk", "urllib3")
"""Libraries that log tokens, keys or socket tickets at DEBUG. They stay at INFO or above, whatever Bailiff's level."""
_VERBOSE_LOGGERS = ("apscheduler", "boto3", "botocore", "werkzeug")
"""Libraries that log a line per client or job at INFO; botocore also logs keys at DEBUG. They stay at WARNING."""
_DUPLICATE_LOGGERS = ("slack_sdk.web.base_client", "slack_sdk.webhook.client")
"""Libraries that log an error which they also raise. Bailiff logs it in one line, without a proxy's HTML page."""
_CREDENTIAL_LOGGERS = ("botocore.credentials", "botocore.tokens")
"""botocore logs a failure to get credentials, which it also raises, with a traceback that may have secrets."""


def configure_logging(level: str) -> None:
    """Send the logs of Bailiff and of the libraries to standard error, as JSON; `level` is a name such as INFO."""
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
    for name in (*_DUPLICATE_LOGGERS, *([] if level == "DEBUG" else ["botocore"])):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in _CREDENTIAL_LOGGERS:
        logging.getLogger(name).addFilter(_without_traceback)
    logging.getLogger("slack_bolt.App").addFilter(_is_relevant)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Remove the traceback of a record."""
    record.exc_info = None
    return True


def _is_relevant(record: logging.LogRecord) -> bool:
    """Return False for Bolt's warning that it does not use the token in the environment: its client already has it."""
    return "`token` will be unused" not in record.getMessage()
