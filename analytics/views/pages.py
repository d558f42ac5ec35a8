"""A page outside the admin: its template with what the head of every page asks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from stores.queries import sight_of


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a page for a person: whether she sees regions stands in its head."""
    sight = sight_of(request.user)
    head = {"sees_regions": bool(sight.everything or sight.region_ids)}
    return render(request, template, {**head, **context}, status=status)
