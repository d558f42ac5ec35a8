"""A page outside the admin: its template with what the head of every page asks; the region an address names."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from stores.models import Region
from stores.queries import sight_of

NO_REGION = "-"  # in an address: the stores of no region


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a page for a person: whether she sees regions, and more than one store, stands in its head."""
    sight = sight_of(request.user)
    sees_regions = bool(sight.everything or sight.region_ids)
    head = {"sees_regions": sees_regions, "sees_stores": sees_regions or len(sight.store_ids) > 1}
    return render(request, template, {**head, **context}, status=status)


def seen_region(request: HttpRequest, name: str) -> Region | None:
    """Find a region within sight by its name, None for the stores of no region; one out of sight is not there."""
    sight = sight_of(request.user)
    region = Region.objects.filter(name=name).first() if name != NO_REGION and "\0" not in name else None
    if not (sight.everything or (region and region.pk in sight.region_ids)) or (region is None and name != NO_REGION):
        raise Http404
    return region
