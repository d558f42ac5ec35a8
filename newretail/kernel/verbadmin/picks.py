"""Filters of lists: pick one of a few, or a span of days or numbers; each says in words what it does."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, ClassVar, TypeVar

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.filters import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newretail.kernel import clock

F = TypeVar("F", bound=type[ListFilter])
MOST_DIGITS = 12
# Filters that a higher floor offers on the list of a lower one's noun.
_OFFERED: dict[type[Model], list[type[ListFilter]]] = {}


def offer(noun: type[Model]) -> Callable[[F], F]:
    """Enter a filter on the list of a noun of a lower floor."""

    def enter(pick: F) -> F:
        _OFFERED.setdefault(noun, []).append(pick)
        return pick

    return enter


def offered(noun: type[Model]) -> tuple[type[ListFilter], ...]:
    """Give the filters that higher floors offer on the list of a noun."""
    return tuple(_OFFERED.get(noun, ()))


class Pick(SimpleListFilter):
    """One of a few values, drawn as a select."""

    template = "admin/pick.html"
    field = ""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], admin: ModelAdmin) -> None:
        self.admin = admin
        super().__init__(request, params, model, admin)

    @classmethod
    def words(cls) -> list[str]:
        """Name the words of the address this filter reads."""
        return [str(cls.parameter_name)]

    def has_output(self) -> bool:
        """Stay in the sheet even when there is nothing to choose yet."""
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows with the value; a value that is no choice keeps none."""
        value = self.value()
        if value is None:
            return queryset
        if value not in {str(choice) for choice, _label in self.lookup_choices}:
            return queryset.none()
        return self.narrow(queryset, value)

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the rows with a value that is one of the choices."""
        return queryset.filter(**{self.field: value})

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """List the choices, "all" first."""
        yield {"value": "", "display": _("All"), "selected": self.value() is None}
        for value, label in self.lookup_choices:
            yield {"value": value, "display": label, "selected": self.value() == str(value)}

    @property
    def says(self) -> str:
        """Say the choice in force, nothing without one."""
        labels = {str(value): str(label) for value, label in self.lookup_choices}
        return labels.get(str(self.value()), str(self.value())) if self.value() else ""


class ChoicePick(Pick):
    """One of the choices of a field."""

    offered: ClassVar[Any] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the choices, of a field's or as they stand."""
        return list(getattr(self.offered, "choices", self.offered))


class _Span(ListFilter):
    """From one value to another; each end may be open."""

    template = "admin/span.html"
    parameter = ""
    field = ""
    kind = "number"
    unit: Any = ""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], admin: ModelAdmin) -> None:
        super().__init__(request, params, model, admin)
        for name in self.words():
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    @classmethod
    def words(cls) -> list[str]:
        """Name the words of the address this filter reads: both ends."""
        return [f"{cls.parameter}_from", f"{cls.parameter}_to"]

    def expected_parameters(self) -> list[str | None]:
        """Name the words this filter reads."""
        return list(self.words())

    def has_output(self) -> bool:
        """Stay in the sheet always."""
        return True

    def end(self, which: str) -> str:
        """Give an end as it was written, empty when open."""
        return str(self.used_parameters.get(f"{self.parameter}_{which}", "")).strip()

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """Describe the two inputs."""
        for which, label in (("from", _("from")), ("to", _("to"))):
            yield {"name": f"{self.parameter}_{which}", "label": label, "value": self.end(which)}

    @property
    def says(self) -> str:
        """Say the span in force, nothing without one."""
        low, high = self.end("from"), self.end("to")
        if low and low == high:
            return f"{low} {self.unit}".strip()
        return f"{low or '…'} – {high or '…'} {self.unit}".strip() if low or high else ""


class DaySpan(_Span):
    """A span of business days, both included, over an instant or a day."""

    kind = "date"
    instant = True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of these days."""
        try:
            low, high = (date.fromisoformat(e) if (e := self.end(w)) else None for w in ("from", "to"))
            after = high + timedelta(days=1) if high else None
        except (ValueError, OverflowError):
            raise IncorrectLookupParameters(self.parameter) from None
        if low:
            queryset = queryset.filter(**{f"{self.field}__gte": self._bound(low)})
        if after:
            queryset = queryset.filter(**{f"{self.field}__lt": self._bound(after)})
        return queryset

    def _bound(self, day: date) -> Any:
        return clock.day_start(day) if self.instant else day


class NumberSpan(_Span):
    """A span of whole numbers, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows within."""
        low, high = (self._number(which) for which in ("from", "to"))
        return self.within(queryset, low, high)

    def _number(self, which: str) -> int | None:
        text = self.end(which)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
            raise IncorrectLookupParameters(self.parameter)
        return int(text)

    def within(self, queryset: QuerySet[Any], low: int | None, high: int | None) -> QuerySet[Any]:
        """Keep the rows from low to high."""
        if low is not None:
            queryset = queryset.filter(**{f"{self.field}__gte": low})
        if high is not None:
            queryset = queryset.filter(**{f"{self.field}__lte": high})
        return queryset


class Written(_Span):
    """A value as it is written, whole."""

    kind = "text"

    @classmethod
    def words(cls) -> list[str]:
        """Name the one word of the address this filter reads."""
        return [cls.parameter]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """Describe the one input."""
        yield {"name": self.parameter, "label": "", "value": self.says}

    @property
    def says(self) -> str:
        """Say the value in force, nothing without one."""
        return str(self.used_parameters.get(self.parameter, "")).strip()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows with this value."""
        if "\0" in self.says:
            raise IncorrectLookupParameters(self.parameter)
        return queryset.filter(**{self.field: self.says}) if self.says else queryset
