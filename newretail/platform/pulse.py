"""The pulse: beat wakes a worker every ten seconds, the worker leaves the time in the queue's server."""

import hmac
import sys
from datetime import datetime

from django.conf import settings
from redis import Redis, RedisError

from newretail.kernel import clock

KEY = "newretail:pulse"
PATIENCE = 2.0


def _server() -> "Redis":
    return Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def leave(*, at: datetime) -> None:
    """Leave word that a worker was woken at this time."""
    with _server() as server:
        server.set(KEY, at.timestamp())


def age(*, at: datetime) -> float | None:
    """Tell how many seconds ago a worker was last woken; None when it never was."""
    with _server() as server:
        found = server.get(KEY)
    return None if found is None else max(0.0, at.timestamp() - float(found))


def waiting() -> dict[str, int]:
    """Count the messages that no worker has taken yet, by lane: each is a list of its name."""
    with _server() as server:
        return {lane: int(server.llen(lane)) for lane in settings.LANES}


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that tells nothing of them."""
    return hmac.compare_digest(one.encode(), other.encode())


def main(most: str) -> int:
    """Give 0 when a worker was woken within so many seconds, else 1: a health check for beat."""
    try:
        found = age(at=clock.now())
    except RedisError:
        return 1
    return 0 if found is not None and found <= float(most) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
