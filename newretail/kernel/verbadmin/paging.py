"""Lists page by key and count up to a cap, so that a page costs the same at a thousand rows and at a million."""

from typing import Any, cast

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

COUNT_CAP = 1000
AFTER, BEFORE = "after", "before"
VIEW = "view"  # says which saved view an address is; no filter
SEPARATOR = "~"


def capped_count(queryset: QuerySet[Any], cap: int = COUNT_CAP) -> int:
    """Count rows, but no further than one beyond the cap."""
    return queryset.order_by().values("pk")[: cap + 1].count()


class CappedPaginator(Paginator):
    """Knows how many rows there are, up to the cap; the pages themselves are found by key."""

    template_name = "admin/paged_by_key.html"

    @cached_property
    def count(self) -> int:
        """Count no further than one beyond the cap."""
        return capped_count(cast("QuerySet[Any]", self.object_list))


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    found = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return cast("Field[Any, Any]", found)


def token(row: Model, key: tuple[str, ...]) -> str:
    """Write a row's place in the order of the key, for an address."""
    return SEPARATOR.join(str(_field(type(row), name.lstrip("-")).value_to_string(row)) for name in key)


def beyond(model: type[Model], key: tuple[str, ...], place: str, *, forward: bool) -> Q:
    """Write "beyond this row in the order of the key" so that the key's index can be used."""
    names = [name.lstrip("-") for name in key]
    parts = place.split(SEPARATOR)
    if len(parts) != len(key) or "\0" in place:
        raise IncorrectLookupParameters(place[:40])
    try:
        values = [_field(model, n).to_python(p) for n, p in zip(names, parts, strict=True)]
    except ValidationError as error:
        raise IncorrectLookupParameters(str(error)) from None
    words = ["lt" if name.startswith("-") == forward else "gt" for name in key]
    found = Q()
    for i, (name, word) in enumerate(zip(names, words, strict=True)):
        same = dict(zip(names[:i], values[:i], strict=True))
        found |= Q(**same, **{f"{name}__{word}": values[i]})
    return Q(**{f"{names[0]}__{words[0]}e": values[0]}) & found


class PagedByKey(ChangeList):
    """A list in the order of its admin's `key`, entered after or before a row."""

    params: dict[str, Any]
    filter_params: dict[str, Any]

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        """Set the place in the list and blank filters apart from the filters in force."""
        self.request = request
        self.after, self.before = self.params.pop(AFTER, ""), self.params.pop(BEFORE, "")
        self.filter_params.pop(VIEW, None)
        self.view = self.params.pop(VIEW, "")
        for name in [n for n, v in self.params.items() if v == ""]:
            del self.params[name]
        self.filter_params = {n: v for n, v in self.filter_params.items() if n in self.params}
        return super().get_queryset(request, exclude_parameters)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        """Order by the key alone: other orders have no index."""
        return list(self.model_admin.key)

    def get_ordering_field_columns(self) -> dict[int, str]:
        """Offer no column for sorting."""
        return {}

    def get_results(self, request: HttpRequest) -> None:
        """Fetch one page by key."""
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.result_count = self.full_result_count = self.paginator.count
        self.show_full_result_count, self.show_admin_actions = False, False
        self.can_show_all, self.multi_page, self.page_num = False, False, 1
        key = tuple(self.model_admin.key)
        back, place = bool(self.before), self.before or self.after
        rows = self.queryset
        if place:
            rows = rows.filter(beyond(self.model, key, place, forward=not back))
        found = list((rows.reverse() if back else rows)[: self.list_per_page + 1])
        more = len(found) > self.list_per_page
        self.result_list = found[: self.list_per_page]
        if back:
            self.result_list.reverse()
        self._link_neighbours(key, has_before=more if back else bool(place), has_after=back or more)

    def _link_neighbours(self, key: tuple[str, ...], *, has_before: bool, has_after: bool) -> None:
        rows = self.result_list
        self.before_url = self.after_url = self.first_url = ""
        if rows and has_before:
            self.before_url = self.get_query_string({BEFORE: token(rows[0], key)})
        if has_before:
            self.first_url = self.get_query_string({})
        if rows and has_after:
            self.after_url = self.get_query_string({AFTER: token(rows[-1], key)})
