"""Above every brand: the health answer, then the brand that the host name leads to."""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_tenants.middleware.main import TenantMainMiddleware

Answer = Callable[[HttpRequest], HttpResponse]
NOT_FOUND = (
    "<!doctype html><html lang=zh-Hans><meta charset=utf-8><title>404</title>"
    "<body><h1>404</h1><p>这里没有品牌。请检查网址。</p>"
    "<p>No brand answers at this address. Please check it.</p></body></html>"
)


class HealthMiddleware:
    """Answer `/healthz` before any brand exists: 200 when the database answers, else 503."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the health path, pass everything else on."""
        if request.path.rstrip("/") != "/healthz":
            return self.get_response(request)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            return JsonResponse({"status": "database"}, status=503)
        return JsonResponse({"status": "ok"})


class BrandMiddleware(TenantMainMiddleware):
    """Enter the brand of the host name; an unknown host gets a plain 404 page."""

    @staticmethod
    def hostname_from_request(request: HttpRequest) -> str:
        """Give the host name in small letters: names know no case."""
        return str(TenantMainMiddleware.hostname_from_request(request)).lower()

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Choose the schema and bind the brand's code to this request's log lines."""
        structlog.contextvars.clear_contextvars()
        answer: HttpResponse | None = super().process_request(request)
        if answer is None:
            structlog.contextvars.bind_contextvars(brand=request.tenant.code)  # type: ignore[attr-defined]
        elif answer.status_code == 404:
            answer = HttpResponse(NOT_FOUND, status=404)
        return answer

    def no_tenant_found(self, request: HttpRequest, hostname: str) -> Any:
        """Say that nobody answers here, without echoing the host."""
        return HttpResponse(NOT_FOUND, status=404)
