"""The results of a guide: what she sold and won this month, her tasks and the SOP on time."""

from django.http import HttpRequest, HttpResponse

from guides.queries import moments, sampling, sop
from guides.queries.completion import month_of
from guides.queries.results import results, span
from guides.views.pages import page, posts
from newretail.kernel import clock
from newretail.kernel.doors import scoped


@scoped("own_work")
def month(request: HttpRequest) -> HttpResponse:
    """Show a guide her month."""
    at, mine = clock.now(), posts(request)
    last = request.GET.get("month") == "last"
    chosen = month_of(clock.business_day(at), last=last)
    first, until = span(chosen)
    steps = sop.together(sop.kept(first=first, until=until, at=at, posts=[post.pk for post in mine]).values())
    context = {"tab": "results", "own": results(mine, month=chosen, at=at), "steps": steps,
               "moments": moments.kept_this_week([post.pk for post in mine], at), "last": last,
               "samples": sampling.of_guide([post.pk for post in mine], first=first, until=until),
               "post": mine[0] if mine else None}  # fmt: skip
    return page(request, "g/results.html", context)
