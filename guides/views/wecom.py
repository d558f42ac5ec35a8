"""Sign in by WeCom: out to WeCom with a state of the session's own, back with a code; staff no. = userid."""

import secrets
from hmac import compare_digest

import structlog
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from guides import wecom
from guides.actions import wecom_apps
from guides.queries.serving import posts_serving
from newretail.kernel import second_factor
from newretail.kernel.entrances import Entrance
from newretail.kernel.models import User
from newretail.kernel.second_factor import BACKEND

LOG = structlog.get_logger(__name__)
STATE = "wecom_state"


def entrance() -> Entrance | None:
    """Offer the way in where the brand has an app."""
    return Entrance(_("Sign in with WeCom"), reverse("guide_wecom")) if wecom_apps.at_work() else None


@never_cache
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Send a guide to WeCom."""
    app = wecom_apps.at_work()
    if app is None:
        raise Http404
    state = request.session[STATE] = secrets.token_urlsafe(24)
    return redirect(wecom.LINE.address(app, request.build_absolute_uri(reverse("guide_wecom_back")), state))


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Let in whoever comes back: a state counts once, in the session that went out with it."""
    app, state = wecom_apps.at_work(), request.session.pop(STATE, "")
    if app is None:
        raise Http404
    if not state or not compare_digest(state.encode(), request.GET.get("state", "").encode("utf-8", "replace")):
        return _refused(request, _("This attempt has run out: sign in with WeCom again."))
    try:
        userid = wecom.LINE.who(app, request.GET.get("code", ""))
    except wecom.NobodyCame as error:
        LOG.warning("nobody came from WeCom", why=str(error))
        return _refused(request, _("WeCom did not tell who you are: try again, or sign in with a password."))
    user = User.objects.filter(staff_no__iexact=userid, is_active=True).first()
    if user is None or not posts_serving(user) or second_factor.asked_of(user):
        return _refused(request, _("Nobody of your WeCom account serves in a store: ask your manager."))
    login(request, user, backend=BACKEND)
    return redirect("guide_day")


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "g/enter.html", {"over": why}, status=403)
