"""Wrong codes are counted, for each who sends them, where all processes see it: guessing ends after a few."""

from datetime import datetime

import structlog
from django.core.cache import caches
from django.utils.translation import gettext_noop
from redis.exceptions import RedisError

LOG = structlog.get_logger(__name__)
WINDOW = 300  # seconds
MOST = 30  # wrong codes of one account within them
SENTENCE = gettext_noop("Too many wrong codes came from here; wait five minutes.")


def _name(who: str, at: datetime) -> str:
    return f"guesses:{who}:{int(at.timestamp()) // WINDOW}"


def used_up(who: str, at: datetime, most: int = MOST) -> bool:
    """Tell whether somebody has sent so many wrong codes that none is looked at for a while."""
    try:
        return int(caches["counters"].get(_name(who, at)) or 0) >= most
    except (OSError, ValueError, RedisError) as error:
        LOG.warning("wrong codes are not counted", error=type(error).__name__)
        return False


def note(who: str, at: datetime) -> None:
    """Count a wrong code."""
    counters = caches["counters"]
    try:
        counters.add(_name(who, at), 0, timeout=2 * WINDOW)
        counters.incr(_name(who, at))
    except (OSError, ValueError, RedisError) as error:
        LOG.warning("wrong codes are not counted", error=type(error).__name__)
