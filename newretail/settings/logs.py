"""Logs: one JSON line an event, with brand, request and task, never a person's data."""

import logging
import os
import re
import sys
import traceback
from typing import Any

import structlog
from celery import current_task
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from structlog.typing import EventDict

# Whose words hold keys and counts only. Of all others the sentence is told without what was put into it:
# a path, a user name, a statement's parameters.
PLAIN_SPEAKERS = ("newretail", "celery.beat", "celery.worker", "celery.apps", "gunicorn")
# A mobile number in any words that come through all the same.
PHONE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
REQUESTS = "newretail.requests"
# Errors whose words are about the installation, not about anybody.
OF_OUR_MAKING = (ImportError, NameError, ImproperlyConfigured)
PLACES = 12  # of a traceback: the innermost


def in_template(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Tell a library's sentence without its arguments; with an exception, everybody's."""
    record: logging.LogRecord | None = event.get("_record")
    if record is not None and ("exc_info" in event or not record.name.startswith(PLAIN_SPEAKERS)):
        event["event"] = str(record.msg)
        if status := getattr(record, "status_code", None):  # of Django's answers, whose sentence has only holes
            event["event"], event["status"] = "request answered", status
    event.pop("stack_info", None)
    return event


def where_it_failed(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Tell an exception by its type and the places it went through; its words may hold a person's data."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        places = traceback.extract_tb(error.__traceback__)
        event["exception"] = type(error).__name__
        if isinstance(error, OF_OUR_MAKING):
            event["error"] = str(error)
        event["trace"] = [f"{place.filename}:{place.lineno} {place.name}" for place in places][-PLACES:]
    return event


def whose(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Name the brand at work and the task, where the event does not."""
    if settings.configured and "brand" not in event:
        event["brand"] = getattr(connection, "schema_name", "public")
    if current_task:
        event["task"], event["task_id"] = current_task.name, current_task.request.id
    return event


def without_phones(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Blot out what looks like a mobile number, wherever it stands."""
    return {key: PHONE.sub("***", value) if isinstance(value, str) else value for key, value in event.items()}


PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    whose,
]

# Our own lines go the way of all others: through logging, which alone writes.
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": [*PROCESSORS, in_template],
            "processors": [
                where_it_failed,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_phones,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=lambda value: type(value).__name__),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},  # the line of the request tells what was refused
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},  # that a wake-up came and went, every ten seconds
        REQUESTS: {"level": "WARNING"},  # production wants them; on one machine they would drown all else
    },
}
