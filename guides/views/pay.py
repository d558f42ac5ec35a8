"""Commission on a guide's phone: what she has earned, each line explained, her statements, orders she says are hers."""

import uuid
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from guides.actions import credits
from guides.actions.credits import Claim
from guides.models import CommissionAccount, CreditDispute
from guides.models.credits import LONGEST_CLAIM
from guides.queries import claiming, explaining, paying, payroll
from guides.queries.claiming import Claimable
from guides.queries.serving import customers_of
from guides.views.day import NothingAsked
from guides.views.pages import once, page, person, posts, told
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.files import pictures
from newretail.kernel.refs import number

LONGEST_NO = 64


def month_in(text: str) -> date:
    """Read a month as addresses name it; what is none is not there."""
    found = payroll.month_named(text)
    if found is None:
        raise Http404
    return found


def before_in(text: str) -> int:
    """Read below which number a page of lines begins; from the newest where none is named."""
    named = text.isascii() and text.isdecimal() and len(text) < len(str(paying.MOST_NUMBER))
    return int(text) if named else paying.MOST_NUMBER


def _account(request: HttpRequest) -> CommissionAccount:
    found = paying.account_of(request.user)
    if found is None:
        raise Http404
    return found


@scoped("own_work")
def own(request: HttpRequest) -> HttpResponse:
    """Show what her account holds, her months, and the lines of one of them."""
    at, account = clock.now(), paying.account_of(request.user)
    context: dict[str, Any] = {"tab": "results", "account": account}
    if account is not None:
        months = paying.months_of(account, at)
        asked, this = request.GET.get("month", ""), f"{clock.business_day(at):%Y-%m}"
        by_name = {each.name: each for each in months}
        chosen = by_name.get(asked) or by_name[this]
        lines = paying.lines_of(account, chosen.first, before=before_in(request.GET.get("before", "")))
        context |= {"months": months, "chosen": chosen, "lines": lines, "debt": paying.debt_of(account, months, at)}
    return page(request, "g/pay.html", context)


@scoped("own_work")
def line(request: HttpRequest, month: str, nth: int) -> HttpResponse:
    """Explain one line of hers to the cent."""
    account = _account(request)
    found = paying.line_of(account, month_in(month), nth)
    if found is None:
        raise Http404
    bond = found.entry.bond
    root = bond and (bond.member.merged_into_id or bond.member_id)
    customer = customers_of(request.user).filter(pk=root).first() if root else None
    context = {"tab": "results", "why": explaining.explained(account, found), "customer": customer or ""}
    return page(request, "g/pay_line.html", context)


@scoped("own_work")
def statement(request: HttpRequest, month: str) -> HttpResponse:
    """Show what a month of hers comes to."""
    account, first = _account(request), month_in(month)
    found = paying.month_of(account, first)
    if found is None:
        raise Http404
    context = {"tab": "results", "month": found, "kinds": paying.by_kind(account, first)}
    return page(request, "g/pay_month.html", context)


@scoped("own_work")
def claims(request: HttpRequest) -> HttpResponse:
    """Show orders she may say are hers, one found by its number too, and what became of what she said."""
    return _claims(request, _order_no(request.GET.get("q", "")))


def _order_no(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST_NO]


def _claims(request: HttpRequest, asked: str, refused: str = "", status: int = 200) -> HttpResponse:
    who, mine = request.user, posts(request)
    found = claiming.named(who, mine, asked) if asked else claiming.lately(who, mine, clock.now())
    context = {
        "tab": "results", "asked": asked, "found": found, "refused": refused, "longest": LONGEST_CLAIM,
        "days": claiming.RECENT_DAYS, "disputes": claiming.disputes_of(who)[: claiming.DISPUTES_SHOWN],
    }  # fmt: skip
    return page(request, "g/claims.html", context, status=status)


@require_POST
@scoped("own_work", "change")
def claim(request: HttpRequest) -> HttpResponse:
    """Say that an order is hers, once for the number its form carries."""
    source, order_no = (_order_no(request.POST.get(name, "")) for name in ("source", "order"))
    if not (source and order_no):
        return _claims(request, "", str(NothingAsked()), status=422)
    found = next(iter(claiming.named(request.user, posts(request), order_no, source)), None)
    if found is None:
        raise Http404
    ref = number(request.POST.get("ref", "")) or uuid.uuid4()
    _stands, refused = once(
        request, "credit.dispute", f"order:{source}/{order_no}", lambda: _dispute(request, found, ref)
    )
    if refused and not request.headers.get("x-queue"):
        return _claims(request, order_no, refused, status=200 if request.headers.get("hx-request") else 422)
    if request.headers.get("hx-request"):
        return HttpResponseClientRedirect(reverse("guide_claims"))
    return told(request, refused=refused, back=reverse("guide_claims"))


def _dispute(request: HttpRequest, found: Claimable, ref: uuid.UUID) -> None:
    post = claiming.post_for(found.order, posts(request))
    if post is None or not (found.open or found.waits):
        raise NothingAsked
    words = " ".join(request.POST.get("words", "").replace("\0", "").split())
    credits.dispute(order=found.order, post=post, claim=Claim(words, _photo(request)), ref=ref, at=clock.now())


def _photo(request: HttpRequest) -> bytes | None:
    file = request.FILES.get("photo")
    if file is None:
        return None
    if (file.size or 0) > pictures.MOST_BYTES:
        raise pictures.BadPicture
    return pictures.made_small(file.read())


@scoped("own_work")
def claim_photo(request: HttpRequest, claim: uuid.UUID) -> HttpResponse:
    """Give the photo she handed in with what she said."""
    found = get_object_or_404(CreditDispute, post__user=person(request), photo__isnull=False, ref=claim)
    answer = HttpResponse(bytes(found.photo or b""), content_type="image/jpeg")
    answer["Cache-Control"] = "no-store"
    return answer
