"""The roof's paths."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from analytics.views.stores import desk, landing
from newretail.kernel.views import change_password


def nothing(_request: HttpRequest) -> HttpResponse:
    """Answer that nothing stands here."""
    raise Http404


urlpatterns = [
    path("", landing, name="home"),
    # Django's shortcut to any row of any table: it would tell which rows exist.
    re_path(r"^admin/r/", nothing),
    path("admin/password_change/", admin.site.admin_view(change_password)),
    path("admin/", admin.site.admin_view(desk)),
    path("admin/imports/", include("newretail.kernel.urls")),
    path("admin/", admin.site.urls),
    path("", include("analytics.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
