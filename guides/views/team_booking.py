"""A manager books an appointment for a customer of one of her guides."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from guides.actions.appointments import UnknownVisitor
from guides.queries.serving import served_by, serving_within
from guides.views.appointments import MINUTES, book_with
from guides.views.pages import once, page, told
from members.models import Member
from members.models.member import MemberQuerySet
from members.queries import finding
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from stores.models import Post, sight_of, store_ids_in

GUIDES, SHOWN, LONGEST = 200, 20, 80


def _asked(given: Mapping[str, str], name: str) -> str:
    return given.get(name, "").replace("\0", "").strip()[:LONGEST]


def _named(request: HttpRequest, given: Mapping[str, str]) -> list[Post]:
    """Give the posts of the guide who is asked for, in the stores in sight."""
    within = store_ids_in(sight_of(request.user, "appointments", "change"))
    guide = _asked(given, "guide")
    return list(serving_within(within).filter(user__staff_no=guide)) if guide else []


def _customers(serving: list[Post]) -> MemberQuerySet:
    found: MemberQuerySet = served_by([post.pk for post in serving])  # type: ignore[assignment]
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@scoped("appointments", "change")
def book(request: HttpRequest) -> HttpResponse:
    """Choose a guide, one of her customers by typing, and a time; what is refused stands at the form."""
    if request.method != "POST":
        return _page(request, request.GET)
    serving = _named(request, request.POST)
    member = _customers(serving).filter(member_no=_asked(request.POST, "member")).first()
    if member is None:
        return _page(request, request.POST, str(UnknownVisitor()), status=422)
    _stands, refused = once(
        request, "team.book", f"member:{member.pk}", lambda: book_with(request, member, serving, clock.now())
    )
    if refused and not request.headers.get("x-queue"):
        return _page(request, request.POST, refused, status=422)
    return told(request, refused=refused, back=reverse("team_visits"))


def _page(request: HttpRequest, given: Mapping[str, str], refused: str = "", status: int = 200) -> HttpResponse:
    within, serving = store_ids_in(sight_of(request.user, "appointments", "change")), _named(request, given)
    context = {
        "tab": "me", "given": given, "refused": refused, "minutes": MINUTES, "serving": serving,
        "found": [(each.member_no, eyes().called(each), eyes().phone(each.phone)) for each in _found(serving, given)],
        "guides": serving_within(within).exclude(user__staff_no=None)[:GUIDES],
    }  # fmt: skip
    part = "g/_team_book.html" if request.headers.get("hx-request") else "g/team_book.html"
    return page(request, part, context, status=status)


def _found(serving: list[Post], given: Mapping[str, str]) -> list[Member]:
    """List the first of her customers who fit what is typed."""
    rows = finding.found_by(_asked(given, "q"), _customers(serving), people=eyes().sees_people)
    return list(rows.order_by("name", "member_no")[:SHOWN])
