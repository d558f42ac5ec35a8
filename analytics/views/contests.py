"""The contests on a guide's phone: where she stands, what is missing to the next, what there is to win."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache

from analytics.models import Contest
from analytics.queries import contests
from analytics.queries.contests import Standing
from guides.queries import notices
from guides.queries.serving import posts_serving
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.templatetags import people as words

MONEY = (Contest.Metric.SALES, Contest.Metric.AVERAGE)


def written(contest: Contest, score: int | None) -> str:
    """Write a score in the unit of its contest."""
    if score is None:
        return ""
    if contest.metric in MONEY:
        return words.money_short(score)
    return numbers.percent(score / 10_000) if contest.metric == Contest.Metric.ON_TIME else numbers.grouped(score)


@never_cache
@scoped("own_work")
def of_guide(request: HttpRequest) -> HttpResponse:
    """Show a guide the contests she is in."""
    at, posts = clock.now(), [post.pk for post in posts_serving(request.user)]
    today = clock.business_day(at)
    known = {contest.pk: contest for contest in contests.shown(today)}
    mine = contests.standings(list(known.values()), posts=posts) if known else []
    waiting = SimpleLazyObject(lambda: notices.waiting(posts, at))
    context = {
        "tab": "results", "who": request.user, "waiting": waiting,
        "rows": [_row(contest, each, today) for contest in known.values() for each in mine
                 if each.contest_id == contest.pk],
    }  # fmt: skip
    return render(request, "g/contests.html", context)


def _row(contest: Contest, standing: Standing, today: Any) -> dict[str, Any]:
    return {
        "contest": contest, "standing": standing, "score": written(contest, standing.score),
        "gap": written(contest, standing.gap), "left": (contest.last_day - today).days + 1,
        "ahead": (contest.first_day - today).days, "prizes": list(enumerate(contest.prizes, 1)),
        "closed": contest.state == Contest.State.CLOSED,
    }  # fmt: skip
