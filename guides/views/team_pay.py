"""What a manager's guides earn: their statements of a month, each opened line by line, reviewed by a tap."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from guides.actions import commission_months
from guides.models import CommissionMonth
from guides.queries import claiming, explaining, paying
from guides.views.day import NothingAsked
from guides.views.pages import once, page, person, told
from guides.views.pay import before_in, month_in
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.refs import number

SHOWN, LONGEST_STAFF_NO, MONTHS_SHOWN = 50, 150, 12  # a user name stands for a number
LONGEST_SUM = 16  # digits of an amount in cents
State = CommissionMonth.State


def _staff_no(text: str) -> str:
    return text.replace("\0", "")[:LONGEST_STAFF_NO]


def _months() -> list[CommissionMonth]:
    return list(CommissionMonth.objects.exclude(state=State.OPEN).order_by("-month")[:MONTHS_SHOWN])


@scoped("guide_pay", "approve")
def listed(request: HttpRequest) -> HttpResponse:
    """Show the statements of a month of the guides in sight, and what they say is theirs."""
    return _page(request, request.GET.get("month", ""))


def _page(request: HttpRequest, asked: str, refused: str = "", status: int = 200) -> HttpResponse:
    months = _months()
    waiting = next((each for each in reversed(months) if each.state == State.COMPUTED), None)
    chosen = next((each for each in months if f"{each.month:%Y-%m}" == asked), waiting or next(iter(months), None))
    after = _staff_no(request.GET.get("after", ""))
    found = _statements(request, chosen.month, after) if chosen else []
    context = {
        "tab": "me", "months": months, "chosen": chosen, "found": found[:SHOWN], "refused": refused,
        "after": found[SHOWN - 1].staff_no if len(found) > SHOWN else "",
        "disputes": claiming.disputes_in(request.user)[: claiming.DISPUTES_SHOWN],
    }  # fmt: skip
    return page(request, "g/team_pay.html", context, status=status)


def _statements(request: HttpRequest, month: date, after: str) -> list[Any]:
    """Read one more than is shown, by staff number."""
    rows = paying.statements_for(request.user, month)
    rows = rows.filter(staff_no__gt=after) if after else rows
    return list(rows.order_by("staff_no")[: SHOWN + 1])


def _statement(request: HttpRequest, month: str, staff_no: str) -> Any:
    rows = paying.statements_for(request.user, month_in(month))
    found = rows.filter(staff_no=_staff_no(staff_no)).first()
    if found is None:
        raise Http404
    return found


@scoped("guide_pay", "approve")
def one(request: HttpRequest, month: str, staff_no: str) -> HttpResponse:
    """Show the statement of a guide of hers with its lines."""
    return _one(request, _statement(request, month, staff_no))


def _one(request: HttpRequest, found: Any, refused: str = "", status: int = 200) -> HttpResponse:
    account, first = found.account, found.month.month
    context = {
        "tab": "me", "statement": found, "guide": account.user, "staff_no": found.staff_no,
        "month": paying.month_of(account, first), "kinds": paying.by_kind(account, first), "refused": refused,
        "lines": paying.lines_of(account, first, before=before_in(request.GET.get("before", ""))),
    }  # fmt: skip
    return page(request, "g/team_pay_month.html", context, status=status)


@scoped("guide_pay", "approve")
def line(request: HttpRequest, month: str, staff_no: str, nth: int) -> HttpResponse:
    """Explain a line of a guide of hers."""
    statement = _statement(request, month, staff_no)
    found = paying.line_of(statement.account, statement.month.month, nth)
    if found is None:
        raise Http404
    bond = found.entry.bond
    context = {
        "tab": "me", "why": explaining.explained(statement.account, found), "guide": statement.account.user,
        "staff_no": statement.staff_no, "customer": eyes().called(bond.member) if bond else "",
    }  # fmt: skip
    return page(request, "g/pay_line.html", context)


@scoped("guide_pay", "approve")
def claim_photo(request: HttpRequest, claim: str) -> HttpResponse:
    """Give the photo that a guide in sight handed in with what she claims."""
    ref = number(claim)
    photo = claiming.photo_in(request.user, ref) if ref else None
    if photo is None:
        raise Http404
    return HttpResponse(photo, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@require_POST
@scoped("guide_pay", "approve")
def review(request: HttpRequest) -> HttpResponse:
    """Say that a statement is right, once for the number its form carries."""
    month, staff_no = request.POST.get("month", ""), request.POST.get("staff_no", "")
    if not month or not staff_no:
        return _page(request, month, str(NothingAsked()), status=422)
    statement = _statement(request, month, staff_no)
    _stands, refused = once(
        request, "team.pay", f"statement:{month}:{_staff_no(staff_no)}",
        lambda: commission_months.review(
            statement=statement, seen_cents=_seen(request), at=clock.now(), by=person(request)
        ),
    )  # fmt: skip
    if refused and not request.headers.get("x-queue"):
        return _page(request, month, refused, status=422)
    return told(request, refused=refused, back=f"{reverse('team_pay')}?month={month}")


def _seen(request: HttpRequest) -> int:
    """Read the gross pay that stood beside the button, less than nothing where there was none."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_SUM else -1
