"""How lists are narrowed to a month, named as 2026-05."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from guides.queries import payroll
from newretail.kernel.verbadmin import Written


class MonthWritten(Written):
    """By the month, as 2026-05."""

    title, parameter, field = _("month (2026-05)"), "month", "month"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows of the month."""
        month = payroll.month_named(self.says)
        if self.says and month is None:
            raise IncorrectLookupParameters(self.parameter)
        return queryset.filter(**{self.field: month}) if month else queryset
