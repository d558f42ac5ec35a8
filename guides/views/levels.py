"""The level a guide stands at, on her phone: what is missing to the next, what is learned there; her team's levels."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from guides.queries import guide_levels, level_kpis
from guides.queries.guide_levels import Standing
from guides.queries.policy_terms import ABILITY_WORDS, MOST_ABILITY
from guides.views.pages import page, person
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from stores.models import sight_of, store_ids_in

SHOWN = 200


@scoped("own_work")
def own(request: HttpRequest) -> HttpResponse:
    """Show a guide her level."""
    stands = guide_levels.standings([person(request)], at=clock.now())[0]
    last = stands.last
    context: dict[str, Any] = {
        "tab": "results", "stands": stands, "abilities": _abilities(stands), "most": MOST_ABILITY,
        "kpis": level_kpis.lines(last.kpis) if last else [],
        "contribution": level_kpis.contribution(last.kpis) if last else None,
    }  # fmt: skip
    return page(request, "g/level.html", context)


@scoped("guide_levels")
def team(request: HttpRequest) -> HttpResponse:
    """Show where the guides of the stores in sight stand."""
    at, stores = clock.now(), store_ids_in(sight_of(request.user, "guide_levels", "view"))
    rows = guide_levels.guides(clock.business_day(at)).select_related("user", "store")
    rows = rows if stores is None else rows.filter(store_id__in=stores)
    posts = list(rows.order_by("store__code", "user__name", "pk")[:SHOWN])
    stands = {each.user.pk: each for each in guide_levels.standings([post.user for post in posts], at=at)}
    context = {"tab": "me", "team": [(post, stands[post.user_id]) for post in posts]}
    return page(request, "g/team_levels.html", context)


def _abilities(stands: Standing) -> list[tuple[Any, int]]:
    """List what she should master at her level."""
    return [(ABILITY_WORDS[name], score) for name, score in stands.band.abilities.items()] if stands.band else []
