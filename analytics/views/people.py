"""The people behind a figure, of a store, of a region, of the whole brand: a list fifty at a time."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.queries import behind
from analytics.queries.behind import Given
from analytics.views.pages import page, seen_region
from analytics.views.stores import seen_store
from members.models import Member
from members.models.portraits import Stage
from newretail.kernel import clock, masking
from newretail.kernel.doors import scoped
from newretail.kernel.masking import Reader
from stores.models import Store
from stores.queries import sight_of

LISTED = 50
MOST_DIGITS = 10
GIVEN = ("again", "from", "to", "sku", "staff")  # what narrows a list of people
TITLES = {
    "birthdays": gettext_lazy("Birthdays this week"),
    "lapsing": gettext_lazy("About to lapse"),
    "second": gettext_lazy("New customers without a second purchase"),
    "buyers": gettext_lazy("Buyers of a year"),
    "moved": gettext_lazy("Moves this week"),
    "bought": gettext_lazy("Who bought it these seven days"),
    "recruited": gettext_lazy("Recruits of this month"),
}


@scoped("members")
def of_store(request: HttpRequest, code: str, who: str) -> HttpResponse:
    """List the people behind a figure of a store's board."""
    store = seen_store(request, code)
    return _listed(request, [store.pk], who, store=store, place=store.name, back=reverse("store", args=[code]))


@scoped("regions")
def of_region(request: HttpRequest, name: str, who: str) -> HttpResponse:
    """List the people behind a figure of a region, or of the stores of none."""
    region = seen_region(request, name)
    stores = _ids(Store.objects.filter(region=region))
    place = name if region else _("Stores of no region")
    return _listed(request, stores, who, place=place, back=reverse("region", args=[name]))


@scoped("regions")
def of_all(request: HttpRequest, who: str) -> HttpResponse:
    """List the people behind a figure of all stores within sight."""
    stores = _ids(Store.objects.visible_to(request.user))
    place = _("whole brand") if sight_of(request.user).everything else _("Stores")
    return _listed(request, stores, who, place=place, back=reverse("regions"))


def _ids(stores: QuerySet[Store]) -> list[int]:
    return list(stores.values_list("pk", flat=True))


def _listed(request: HttpRequest, stores: list[int], who: str, **place: Any) -> HttpResponse:
    after = request.GET.get("after", "")
    given = {name: request.GET[name] for name in GIVEN if request.GET.get(name)}
    day = clock.business_day(clock.now())
    try:
        found = behind.behind(stores, who, day=day, given=given, after=_seat(after), most=LISTED)
    except behind.NoSuchList:
        raise Http404 from None
    more = urlencode({**given, "after": found.next_after}) if found.next_after is not None else ""
    eyes = masking.eyes()
    hidden = who == "birthdays" and not eyes.sees_people  # being listed tells when somebody was born
    context = {
        **place, "title": TITLES[who], "said": _said(given), "total": found.total,
        "rows": [] if hidden else [_person(set(stores), member, who, eyes) for member in found.people],
        "hidden": hidden, "more": f"?{more}" if more else "",
    }  # fmt: skip
    return page(request, "stores/people.html", context)


def _seat(text: str) -> int:
    """Read the key after which a page begins; what is none begins at the first."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS else -1


def _said(given: Given) -> str:
    ends = [str(Stage(given[name]).label) for name in ("from", "to") if given.get(name)]
    return (
        " → ".join(ends)
        if ends
        else _("bought twice or more")
        if given.get("again")
        else given.get("sku") or given.get("staff", "")
    )


def _person(stores: set[int], member: Member, who: str, eyes: Reader) -> dict[str, Any]:
    """Describe one person; the page of a member at home in another store is that store's."""
    portrait = getattr(member, "portrait", None)
    home = member.home_store_id in stores
    return {
        "name": eyes.called(member),
        "member_no": member.member_no,
        "phone": eyes.phone(member.phone),
        "birthday": eyes.birthday(member) if who == "birthdays" else "",
        "last_day": portrait.last_day if portrait else None,
        "purchases": portrait.purchases if portrait else 0,
        "stage": portrait.get_stage_display() if portrait else "",
        "elsewhere": "" if home else str(member.home_store or ""),
        "link": reverse("admin:members_member_change", args=[member.pk]) if home else "",
    }
