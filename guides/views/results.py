"""The results of a guide: what she sold and won this month, her tasks and the SOP on time."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse

from guides.queries import sop
from guides.queries.results import results, span
from guides.views.pages import page, posts
from newretail.kernel import clock
from newretail.kernel.doors import scoped


def _month(request: HttpRequest, today: date) -> date:
    """Read which month is asked for: this one, or the one before."""
    this = today.replace(day=1)
    return (this - timedelta(days=1)).replace(day=1) if request.GET.get("month") == "last" else this


@scoped("own_work")
def month(request: HttpRequest) -> HttpResponse:
    """Show a guide her month."""
    at, mine = clock.now(), posts(request)
    chosen = _month(request, clock.business_day(at))
    first, until = span(chosen)
    steps = sop.together(sop.kept(first=first, until=until, at=at, posts=[post.pk for post in mine]).values())
    context = {"tab": "results", "own": results(mine, month=chosen, at=at), "steps": steps,
               "last": request.GET.get("month") == "last", "post": mine[0] if mine else None}  # fmt: skip
    return page(request, "g/results.html", context)
