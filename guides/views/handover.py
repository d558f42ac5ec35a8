"""The page on which a manager hands the customers of a guide over: who left, how they would be spread, and do it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from guides.actions import handouts, handovers
from guides.actions.handovers import Spread, WrongHeirs
from guides.queries import leaving, quotas, spreading
from guides.queries.leaving import Guide
from guides.queries.serving import colleagues_of
from guides.views.pages import person
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.verbs import Refused
from stores.models import Post, Store

WAYS = ((spreading.EVENLY, gettext_noop("as many to each")), (spreading.LOAD, gettext_noop("to who has fewest first")))
LONGEST = 40


def _word(given: Any, name: str) -> str:
    return str(given.get(name, "")).replace("\0", "")[:LONGEST]


@scoped("bonds", "change")
def handover(request: HttpRequest) -> HttpResponse:
    """Show whose customers can be handed over, how they would be spread, and hand them over."""
    given = request.POST if request.method == "POST" else request.GET
    store, number = _word(given, "store"), _word(given, "guide")
    chosen = leaving.guide(request.user, store, number) if number else None
    if number and chosen is None:
        if request.method == "POST":
            raise Http404
        return redirect("handover")
    refused = ""
    if request.method == "POST" and chosen:
        try:
            return _allow(request, chosen) if "a_month" in request.POST else _hand_over(request, chosen)
        except Refused as refusal:
            refused = str(refusal)
    return _page(request, chosen, store, refused)


def _page(request: HttpRequest, chosen: Guide | None, store: str, refused: str) -> HttpResponse:
    stores = list(Store.objects.visible_to(request.user).order_by("code")[: leaving.SHOWN])
    only = stores[0].code if len(stores) == 1 else store
    context = {
        "guides": leaving.guides(request.user, store=only), "chosen": chosen, "stores": stores, "of_store": only,
        "refused": refused, **(_plan(request, chosen) if chosen else {}),
    }  # fmt: skip
    return render(request, "guides/handover.html", context, status=422 if refused else 200)


def _plan(request: HttpRequest, chosen: Guide) -> dict[str, Any]:
    """Tell how the customers would be spread over whom is ticked, all colleagues where nobody is."""
    given = request.POST if request.method == "POST" else request.GET
    colleagues, ticked = list(colleagues_of(chosen.post)), set(given.getlist("to"))
    heirs = [each for each in colleagues if not ticked or each.user.staff_no in ticked]
    rule = given.get("rule") if given.get("rule") in spreading.RULES else spreading.LOAD
    shares = {each.post_id: each for each in spreading.preview(chosen.post.pk, [each.pk for each in heirs], str(rule))}
    return {
        "rows": [(each, each in heirs, shares.get(each.pk)) for each in colleagues],
        "quota": quotas.quota_of(chosen.post.pk, clock.now()),
        "rule": rule, "ways": [(code, _(words)) for code, words in WAYS],
    }  # fmt: skip


def _heirs(request: HttpRequest, post: Post) -> list[int]:
    ticked = set(request.POST.getlist("to"))
    found = {str(each.user.staff_no): each.pk for each in colleagues_of(post)}
    if not ticked or not ticked <= set(found):
        raise WrongHeirs
    return [found[number] for number in ticked]


def _allow(request: HttpRequest, chosen: Guide) -> HttpResponse:
    typed = _word(request.POST, "a_month").strip()
    number = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else -1
    handouts.allow(post=chosen.post, a_month=number, at=clock.now(), by=person(request))
    told = {"guide": chosen.post.user, "most": number}
    messages.success(request, _("%(guide)s may hand out %(most)s coupons a month.") % told)
    return redirect("handover")


def _hand_over(request: HttpRequest, chosen: Guide) -> HttpResponse:
    spread = Spread(_heirs(request, chosen.post), _word(request.POST, "rule"))
    told = handovers.hand_over(post=chosen.post, spread=spread, at=clock.now(), by=person(request))
    counted = {"customers": told.bonds, "tasks": told.tasks, "guide": chosen.post.user}
    messages.success(request, _("%(customers)s customers of %(guide)s and %(tasks)s tasks were handed over.") % counted)
    return redirect("handover")
