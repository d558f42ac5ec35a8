"""Watch each request: one log line and its counters, by brand and route, never by what was asked."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from newretail.platform import metrics

Answer = Callable[[HttpRequest], HttpResponse]
LOG = structlog.get_logger("newretail.requests")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class Queries:
    """Counts the statements of one request and the time they took."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        """Let the statement run, and count it."""
        began = time.perf_counter()
        try:
            return execute(*given)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - began


def route_of(request: HttpRequest) -> str:
    """Name the route, one of a few hundred; a path would hold what was asked."""
    if match := request.resolver_match:
        return match.view_name or match.route
    return "static" if request.path.startswith(settings.STATIC_URL) else "unmatched"


class WatchMiddleware:
    """Give the request an id that its log lines and its answer carry; count and tell it when it is answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then count and tell."""
        request_id = uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        queries, began = Queries(), time.perf_counter()
        with connection.execute_wrapper(queries):
            answer = self.get_response(request)
        seconds = time.perf_counter() - began
        brand = getattr(getattr(request, "tenant", None), "code", "")
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        metrics.REQUESTS.labels(brand, route, method, str(answer.status_code)).inc()
        metrics.LATENCY.labels(route).observe(seconds)
        metrics.QUERIES.labels(brand, route).inc(queries.count)
        metrics.QUERY_SECONDS.labels(brand, route).inc(queries.seconds)
        LOG.info(
            "request",
            route=route,
            method=method,
            status=answer.status_code,
            ms=round(seconds * 1000),
            queries=queries.count,
        )
        answer.headers["X-Request-ID"] = request_id
        structlog.contextvars.clear_contextvars()
        return answer
