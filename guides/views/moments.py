"""A guide's week in Moments: what to post today with its picture and words, one tap when it is posted."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from guides.actions import moments
from guides.models import MomentPost
from guides.queries import moments as weeks
from guides.views.materials import fresh_share
from guides.views.pages import once, page, post_ids, posts, told
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.refs import number

ACTS: dict[str, Callable[..., MomentPost]] = {"posted": moments.record, "undo": moments.undo}


@scoped("own_work")
def week(request: HttpRequest) -> HttpResponse:
    """Show a guide what to post today, what she can make up for, and her week."""
    at = clock.now()
    cards = weeks.week(posts(request), at)
    context = {
        "tab": "day",
        "posts": posts(request),
        "today": [card for card in cards if card.slot.day == card.today],
        "late": [card for card in cards if card.late],
        "cards": cards,
        "left": sum(card.open and not card.late for card in cards),
        "kept": weeks.kept_this_week(post_ids(request), at),
        "new_share": fresh_share,
    }
    return page(request, "g/moments.html", context)


@require_POST
@scoped("own_work", "change")
def do(request: HttpRequest) -> HttpResponse:
    """Record that she posted what a slot asks for, or take it back."""
    asked, slot = request.POST.get("do", ""), number(request.POST.get("slot", ""))
    if asked not in ACTS or slot is None:
        return _answered(request, None, str(moments.UnknownSlot()))

    def act() -> object:
        return ACTS[asked](slot=slot, within=post_ids(request), at=clock.now(), by=cast("User", request.user))

    _stands, refused = once(request, f"moment.{asked}", f"slot:{slot}", act)
    return _answered(request, slot, refused)


def _answered(request: HttpRequest, slot: UUID | None, refused: str) -> HttpResponse:
    """Draw the card anew, as it stands now; of what is not in her plan there is nothing left to draw."""
    if not request.headers.get("hx-request"):
        return told(request, refused=refused, back=reverse("guide_moments"))
    card = next(iter(weeks.week(posts(request), clock.now(), slot=slot)), None) if slot else None
    if card is None:
        return page(request, "g/_gone.html", {"refused": refused})
    context = {"card": card, "refused": refused, "just_now": True, "new_share": fresh_share}
    return page(request, "g/_moment.html", context)
