"""So many requests a minute and no more, counted for each key where all processes see it."""

import hashlib
from datetime import datetime

import structlog
from django.core.cache import caches
from django.http import HttpRequest
from redis.exceptions import RedisError

from newretail.kernel.models import ApiKey

LOG = structlog.get_logger(__name__)
WINDOW = 60


def address_of(request: HttpRequest) -> str:
    """Name the address a stranger comes from, by what cannot be read back."""
    return hashlib.sha256(request.META.get("REMOTE_ADDR", "").encode()).hexdigest()[:16]


class Spent:
    """What a key has left in this minute, for the headers of its answer."""

    def __init__(self, limit: int, used: int, reset: int) -> None:
        self.limit, self.left, self.reset = limit, max(0, limit - used), reset
        self.exceeded = used > limit

    def headers(self) -> dict[str, str]:
        """Write the headers that tell of it; Retry-After once nothing is left."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset),
        }
        return {**told, "Retry-After": str(self.reset)} if self.exceeded else told


def counted(what: str, at: datetime, by: int = 1) -> int | None:
    """Count something in this minute and tell how often it was; None where the counter cannot be reached."""
    name = f"{what}:{int(at.timestamp()) // WINDOW}"
    counters = caches["counters"]
    try:
        counters.add(name, 0, timeout=2 * WINDOW)
        return int(counters.incr(name, by))
    except (OSError, ValueError, RedisError) as error:
        LOG.warning("requests are not counted", error=type(error).__name__)
        return None


def spend(key: ApiKey, at: datetime) -> Spent | None:
    """Count one request of a key; None where the counter cannot be reached: trade goes on."""
    used = counted(f"api:{key.account_id}:{key.prefix}", at)
    return None if used is None else Spent(key.per_minute, used, WINDOW - int(at.timestamp()) % WINDOW)
