"""How the HQ admin looks and what stands in its side bar."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from newretail.nav import SIDEBAR


def brand_name(request: HttpRequest) -> str:
    """Name the brand whose house this is."""
    return str(getattr(request, "tenant", None) or "newretail")


def _static(path: str) -> Any:
    return lambda _request: static(path)


UNFOLD = {
    "SITE_TITLE": brand_name,
    "SITE_HEADER": brand_name,
    "SITE_SUBHEADER": _("New retail HQ"),
    "SITE_URL": "",
    "SITE_ICON": _static("img/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _static("img/mark.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "BORDER_RADIUS": "8px",
    "STYLES": [_static("css/tokens.css"), _static("css/parts.css"), _static("css/hq.css"), _static("css/desk.css")],
    "SCRIPTS": [_static("js/desk.js")],
    "LOGIN": {"image": _static("img/login.svg"), "form": "newretail.kernel.forms.LoginForm"},
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": reverse_lazy("account")}]},
    "DASHBOARD_CALLBACK": "analytics.views.home",
    "COLORS": {
        "primary": {
            "50": "#f1f5ff", "100": "#e2eaff", "200": "#c9d7ff", "300": "#a3bbff", "400": "#7494fb", "500": "#4a72f3",
            "600": "#2f5bea", "700": "#2449c8", "800": "#213ea1", "900": "#20387f", "950": "#16234d",
        },
    },
    "SIDEBAR": SIDEBAR,
}  # fmt: skip
