"""JSON lines on standard error: one event a line, attacker text only in values, never in the event name."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, cast

from flovify.common.without import without

# For coloured tracebacks, which nothing here prints, structlog would load rich with pygments and attrs: a fifth of a
# second for each process on a small machine, and four megabytes.
with without("rich"):
    import structlog

MAX_VALUE_LENGTH = 2048
_SECRET_WORDS = ("token", "secret", "password", "authorization", "cookie", "verifier", "client_state", "dsn")
_HARMLESS = ("token_type", "token_endpoint", "service_token_present")


def configure(service: str, level: str = "info") -> None:
    """Send this process's own events and the libraries' warnings to standard error as JSON lines."""
    numeric = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_service(service),
            structlog.processors.format_exc_info,
            _guard,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_ToStructlog()]
    root.setLevel(max(numeric, logging.WARNING))


def get_logger(**fields: object) -> structlog.typing.FilteringBoundLogger:
    """A logger with `fields` on each of its events."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger().bind(**fields))


def place_of(error: BaseException) -> str:
    """Function and line where an error was raised: what may be logged of one whose text may repeat a secret."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "unknown"


class _ToStructlog(logging.Handler):
    """Carries the libraries' records over, without their traceback's values."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        logger = get_logger(logger=record.name)
        method = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(logger, method)("library_message", message=record.getMessage(), error=error)


def _add_service(service: str) -> structlog.typing.Processor:
    def add(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return add


def _guard(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last line of defence: values under a secret's name are masked, long values are cut."""
    for key, value in event.items():
        if _names_a_secret(key) and not isinstance(value, (bool, int, float, type(None))):
            event[key] = "***"
        elif isinstance(value, str) and len(value) > MAX_VALUE_LENGTH:
            event[key] = value[:MAX_VALUE_LENGTH] + "…"
    return event


def _names_a_secret(key: str) -> bool:
    lowered = key.lower()
    return lowered not in _HARMLESS and any(word in lowered for word in _SECRET_WORDS)
