"""What is her own: her account, the language, the way out; how a phone installs the page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse

from guides.views.pages import page, posts
from newretail.kernel.doors import scoped


@scoped("own_work")
def me(request: HttpRequest) -> HttpResponse:
    """Show a guide what is her own."""
    return page(request, "g/me.html", {"tab": "me", "posts": posts(request)})


def manifest(request: HttpRequest) -> HttpResponse:
    """Tell a phone how the page is installed; it names no row."""
    name = str(getattr(request, "tenant", ""))
    icon = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    told = {"name": name, "short_name": name[:12], "start_url": reverse("guide_day"), "scope": "/g/",
            "display": "standalone", "theme_color": "#2f5bea", "background_color": "#f5f7fb",
            "icons": [icon]}  # fmt: skip
    return JsonResponse(told, content_type="application/manifest+json")
