"""Above every brand: the health answer, then the brand that the host name leads to."""

import contextlib
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_tenants.middleware.main import TenantMainMiddleware

from newretail.kernel import sql
from newretail.platform import metrics
from newretail.platform.models import Brand, Domain

LOG = structlog.get_logger(__name__)
RETRY_SECONDS = "5"
Answer = Callable[[HttpRequest], HttpResponse]
OF_HOST = "JOIN platform_domain d ON d.tenant_id = t.id WHERE d.domain = %(host)s"
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")  # a proxy stands between
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


class MetricsMiddleware:
    """Answer `/metrics` before any brand exists, to those who may read it; to others nothing stands there."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the path of the metrics, pass everything else on."""
        if request.path.rstrip("/") != "/metrics":
            return self.get_response(request)
        headers = request.headers
        allowed = metrics.may_read(
            address=request.META.get("REMOTE_ADDR", ""),
            forwarded=any(name in headers for name in FORWARDED),
            authorization=headers.get("Authorization", ""),
        )
        if not allowed:
            return HttpResponse(NOT_FOUND, status=404)
        return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


class ProxyMiddleware:
    """Behind so many proxies of our own, take the caller's address from what the outermost of them wrote."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the address where everybody looks for it; what a caller claims beyond our proxies is not believed."""
        count = settings.TRUSTED_PROXIES
        told = request.headers.get("X-Forwarded-For", "").split(",")
        if 0 < count <= len(told):
            with contextlib.suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ip_address(told[-count].strip()))
        return self.get_response(request)


class BrandMiddleware(TenantMainMiddleware):
    """Enter the brand of the host name; an unknown host gets a plain 404 page."""

    @staticmethod
    def hostname_from_request(request: HttpRequest) -> str:
        """Give the host name in small letters: names know no case."""
        return str(TenantMainMiddleware.hostname_from_request(request)).lower()

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Choose the schema and bind the brand's code to this request's log lines."""
        try:
            answer: HttpResponse | None = super().process_request(request)
        except OperationalError:
            LOG.error("no database")
            return HttpResponse(status=503, headers={"Retry-After": RETRY_SECONDS})
        if answer is None:
            structlog.contextvars.bind_contextvars(brand=request.tenant.code)  # type: ignore[attr-defined]
        elif answer.status_code == 404:
            answer = HttpResponse(NOT_FOUND, status=404)
        return answer

    def get_tenant(self, domain_model: type[Domain], hostname: str) -> Brand:
        """Find the brand of a host name: each request asks for it."""
        for brand in sql.instances(Brand, OF_HOST, {"host": hostname}):
            return brand
        raise domain_model.DoesNotExist

    def no_tenant_found(self, request: HttpRequest, hostname: str) -> Any:
        """Say that nobody answers here, without echoing the host."""
        return HttpResponse(NOT_FOUND, status=404)
