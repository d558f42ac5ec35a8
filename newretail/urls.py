"""The roof's paths; whatever has no right in the table answers 404 (`newretail/kernel/doors.py`)."""

from django.contrib import admin
from django.urls import include, path

from analytics.views.stores import desk, landing
from members.views.own import own_page
from newretail.kernel.api import inbox
from newretail.kernel.views import change_password
from newretail.kernel.views.rights import rights

urlpatterns = [
    path("inbox/<str:code>", inbox.receive, name="inbox"),
    path("", landing, name="home"),
    path("", include("newretail.kernel.account_urls")),
    path("admin/rights/", rights, name="rights"),
    path("admin/password_change/", change_password, name="password_change"),
    path("admin/", admin.site.admin_view(desk), name="desk"),
    path("admin/imports/", include("newretail.kernel.urls")),
    path("", include("analytics.urls")),
    path("", include("members.urls")),
    path("", include("guides.urls")),
    path("admin/", admin.site.urls),
    path("my/<str:token>/", own_page, name="own_page"),
    path("api/v1/", include(("newretail.api", "api"))),
    path("i18n/", include("django.conf.urls.i18n")),
]
