"""Her own customers on a guide's phone: the list, one of them, and what is done for her by a tap."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from guides.actions import feedback, handouts, reminders, samples
from guides.actions.feedback import Heard
from guides.models import Feedback
from guides.queries import customers, quotas
from guides.queries.customers import Wish
from guides.queries.portrait import bond_of, portrait_of
from guides.queries.serving import customers_of
from guides.views import appointments
from guides.views.day import NothingAsked
from guides.views.pages import once, page, person, posts, told
from members.actions import tags
from members.actions.tags import Word
from members.models import Member
from members.queries import families
from newretail.kernel import clock, sql
from newretail.kernel.doors import scoped
from newretail.kernel.refs import number

LONGEST = 80
REMINDERS = {
    "call": gettext_noop("Call her"),
    "invite": gettext_noop("Invite her to the store"),
    "news": gettext_noop("Tell her what is new"),
    "care": gettext_noop("Ask how she likes it"),
}
DAYS = {"1": gettext_noop("Tomorrow"), "3": gettext_noop("In 3 days"), "7": gettext_noop("In a week")}
FAMILY = "SELECT unnest(%(family)s::bigint[]) AS member_id"


def _asked(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST]


@scoped("own_work")
def listed(request: HttpRequest) -> HttpResponse:
    """Show a guide her own customers, by what she asks for."""
    wish = Wish(_asked(request, "q"), _asked(request, "stage"), _asked(request, "tag"), _asked(request, "after"))
    found = customers.listed(request.user, posts(request), wish, clock.now())
    kept = {name: value for name, value in (("q", wish.term), ("stage", wish.stage), ("tag", wish.tag)) if value}
    context = {"tab": "customers", "found": found, "wish": wish, "kept": urlencode(kept)}
    return page(request, "g/customers.html", context)


def _hers(request: HttpRequest, member_no: str) -> Member:
    own = customers_of(request.user).select_related("level", "portrait", "home_store")
    return get_object_or_404(own, member_no=member_no)


def _gathered(request: HttpRequest, member: Member, refused: str = "") -> dict[str, Any]:
    at, mine = clock.now(), posts(request)
    customer = portrait_of(member, user=request.user, posts=mine, at=at)
    by_post = next((post for post in mine if customer.bond and post.pk == customer.bond.post_id), None)
    return {
        "tab": "customers", "customer": customer, "member": member, "refused": refused,
        "quota": quotas.quota_of(by_post.pk, at) if by_post else None,
        "plans": quotas.plans_for(by_post, at) if by_post else [],
        "reminders": [(code, _(words)) for code, words in REMINDERS.items()],
        "days": [(code, _(words)) for code, words in DAYS.items()], "minutes": appointments.MINUTES,
        "kinds": Feedback.Kind.choices, "typed": request.POST if refused else {},
    }  # fmt: skip


@scoped("own_work")
def one(request: HttpRequest, member_no: str) -> HttpResponse:
    """Show one customer of hers whole."""
    member = _hers(request, member_no)
    return page(request, "g/customer.html", _gathered(request, member))


@require_POST
@scoped("own_work", "change")
def do(request: HttpRequest, member_no: str) -> HttpResponse:
    """Put a tag on a customer of hers, take one off, hand her a coupon, note what she says, or remind herself."""
    member, asked = _hers(request, member_no), request.POST.get("do", "")
    if asked not in ACTS:
        raise Http404
    part, act = ACTS[asked]
    _stands, refused = once(
        request, f"customer.{asked}", f"member:{member.pk}", lambda: act(request, member, clock.now())
    )
    if request.headers.get("hx-request"):
        return page(request, part, _gathered(request, member, refused))
    if refused and not request.headers.get("x-queue"):
        return page(request, "g/customer.html", _gathered(request, member, refused), status=422)
    return told(request, refused=refused, back=redirect("guide_customer", member_no).url)


def _tag(request: HttpRequest, member: Member, at: datetime, *, on: bool) -> None:
    tag = customers.tags_for(posts(request)).filter(name=request.POST.get("tag", "").replace("\0", "")).first()
    if tag is None:
        raise NothingAsked
    family = [member.pk] if on else families.ids_of(member)
    sql.temporary("tmp_hers", FAMILY, {"family": family}, analyze=False)
    verb = tags.put_on if on else tags.take_off
    verb(tag=tag, members="tmp_hers", at=at, by=person(request), word=Word())


def _remind(request: HttpRequest, member: Member, at: datetime) -> None:
    words, days = REMINDERS.get(request.POST.get("what", "")), request.POST.get("in", "")
    bond = bond_of(families.ids_of(member), posts(request))
    if words is None or days not in DAYS or bond is None:
        raise NothingAsked
    due = clock.day_start(clock.business_day(at) + timedelta(days=int(days) + 1))
    ref = number(request.POST.get("ref", "")) or uuid.uuid4()
    reminders.make(bond=bond, title=_(words), ref=ref, due_at=due, at=at, by=person(request))


def _coupon(request: HttpRequest, member: Member, at: datetime) -> None:
    bond = bond_of(families.ids_of(member), posts(request))
    if bond is None:
        raise NothingAsked
    handouts.give(bond=bond, plan=request.POST.get("plan", ""), at=at, by=person(request))


def _sample(request: HttpRequest, member: Member, at: datetime) -> None:
    bond = bond_of(families.ids_of(member), posts(request))
    if bond is None:
        raise NothingAsked
    asked = request.POST.get("campaign", "").replace("\0", "")[:40]
    samples.give(bond=bond, campaign=asked, at=at, by=person(request))


def _feedback(request: HttpRequest, member: Member, at: datetime) -> None:
    bond = bond_of(families.ids_of(member), posts(request))
    if bond is None:
        raise NothingAsked
    given = {name: request.POST.get(name, "").replace("\0", "") for name in ("kind", "words", "sku")}
    ref = number(request.POST.get("ref", "")) or uuid.uuid4()
    feedback.note(ref=ref, bond=bond, heard=Heard(**given), at=at, by=person(request))


ACTS: dict[str, tuple[str, Any]] = {
    "tag": ("g/_hers_tags.html", lambda request, member, at: _tag(request, member, at, on=True)),
    "untag": ("g/_hers_tags.html", lambda request, member, at: _tag(request, member, at, on=False)),
    "coupon": ("g/_hers_coupons.html", _coupon),
    "sample": ("g/_hers_samples.html", _sample),
    "feedback": ("g/_hers_voice.html", _feedback),
    "remind": ("g/_hers_tasks.html", _remind),
    "book": ("g/_hers_visits.html", appointments.book_hers),
}
