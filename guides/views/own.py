"""What is her own: her account, the language, the way out; how a phone installs the page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse

from guides.queries import notices
from guides.queries.escalations import answered
from guides.views.pages import page, post_ids, posts
from newretail.kernel import clock
from newretail.kernel.doors import scoped

MUST_SHOWN = 5


@scoped("own_work")
def me(request: HttpRequest) -> HttpResponse:
    """Show a guide what is her own."""
    must = notices.received(post_ids(request), clock.now()).filter(waits=True, notice__must_read=True)
    context = {
        "tab": "me",
        "posts": posts(request),
        "answered": answered(post_ids(request)),
        "must": must.order_by("-notice_id")[:MUST_SHOWN],
    }
    return page(request, "g/me.html", context)


@scoped("own_work")
def handbook(request: HttpRequest) -> HttpResponse:
    """Show how a day is worked with these pages."""
    return page(request, "g/handbook.html", {"tab": "me"})


def manifest(request: HttpRequest) -> HttpResponse:
    """Tell a phone how the page is installed; it names no row."""
    name = str(getattr(request, "tenant", ""))
    icon = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    told = {"name": name, "short_name": name[:12], "start_url": reverse("guide_day"), "scope": "/g/",
            "display": "standalone", "theme_color": "#2f5bea", "background_color": "#f5f7fb",
            "icons": [icon]}  # fmt: skip
    return JsonResponse(told, content_type="application/manifest+json")
