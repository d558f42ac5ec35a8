"""How a month is named in the admin, 2026-05, and how lists are narrowed to one."""

from datetime import date
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newretail.kernel.verbadmin import Written


def read(text: str) -> date | None:
    """Read a month as it is written in a form or an address; None where it is none."""
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2026-01") else None
    except ValueError:
        return None


class MonthWritten(Written):
    """By the month, as 2026-05."""

    title, parameter, field = _("month (2026-05)"), "month", "month"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the month."""
        month = read(self.says)
        if self.says and month is None:
            raise IncorrectLookupParameters(self.parameter)
        return queryset.filter(**{self.field: month}) if month else queryset
