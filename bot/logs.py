"""Structured logs without personal data: event names and fields, and where an error happened.

The text of an exception is left out on purpose: it can quote what somebody said.
"""

import logging
import sys
import traceback
from pathlib import Path
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger


def set_up_logs(level: str, target: TextIO) -> None:
    """Write every log line of this process to `target` as JSON."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_where,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )


def stop_logs() -> None:
    """Forget the target, before it is closed: whoever logs later must not write to it."""
    structlog.reset_defaults()


def open_log(path: Path) -> TextIO:
    """The log file, kept open for appending line by line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a", encoding="utf-8", buffering=1)


class _Forwarding(logging.Handler):
    """What a library logs, as an event of ours: where and which error, not its words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log it."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        log = structlog.get_logger(record.name)
        log.warning(
            "library",
            library=record.name,
            said=record.levelname,
            place=f"{record.filename}:{record.lineno}",
            error=error,
        )


def forward_logs_of(library: str) -> None:
    """Have the warnings of a library stand in our log, and nowhere else."""
    logger = logging.getLogger(library)
    logger.handlers, logger.propagate = [_Forwarding(logging.WARNING)], False


def _tell_where(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The kind of the exception and the lines it passed, never its words."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["where"] = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[-8:]]
    return event
