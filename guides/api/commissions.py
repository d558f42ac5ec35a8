"""Commission over the API: what a month comes to for each person, and every line of it, for payroll and books."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guides.models import CommissionEntry, CommissionStatement
from guides.queries import payroll
from newretail.kernel.api import asked, paging, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource

MONTH = "月份，如 2026-05 · a month such as 2026-05"
STATE = "open · computed · closed · exported · paid"
KIND = "accrue · claw_back · correct · bounty · task · step · cap · adjust"
RATE = "万分之 · basis points"


def _of_month(path: str) -> Callable[[str], Q]:
    """Narrow to a month as it is written.

    Asked, it raises Problem: bad_parameter.
    """

    def narrowed(text: str) -> Q:
        month = payroll.month_named(text)
        if month is None:
            raise paging.refused("month", "bad_parameter", asked.BAD_VALUE)
        return Q(**{path: month})

    return narrowed


STATEMENT_FINDS: asked.Narrowing = {"month": _of_month("month__month"), "staff_no": "account__user__staff_no"}
ENTRY_FINDS: asked.Narrowing = {
    "month": _of_month("month"), "staff_no": "account__user__staff_no", "order_no": "order__order_no", "kind": "kind",
}  # fmt: skip


class CommissionStatementOut(serializers.Serializer[Any]):
    """What a month comes to for a person: gross = earned − recovered + carried."""

    month = serializers.DateField(source="month.month", format="%Y-%m", help_text=MONTH)
    state = serializers.CharField(source="month.state", help_text=STATE)
    staff_no = schema.named("account.user.staff_no")
    earned = schema.Money(source="earned_cents")
    recovered = schema.Money(source="recovered_cents")
    carried = schema.Money(source="owed_cents")
    gross = schema.Money(source="gross_cents")
    debt_after = schema.Money(source="debt_cents")
    lines = serializers.IntegerField()
    reviewed_at = serializers.DateTimeField(allow_null=True)


class CommissionEntryOut(serializers.Serializer[Any]):
    """A line of commission: base × rate × share, frozen as it was when the order was paid."""

    month = serializers.DateField(format="%Y-%m", help_text=MONTH)
    staff_no = schema.named("account.user.staff_no")
    kind = serializers.CharField(help_text=KIND)
    source = schema.named("order.source")
    order_no = schema.named("order.order_no")
    line_no = serializers.IntegerField()
    role = serializers.CharField()
    base = schema.Money(source="base_cents")
    rate_bp = serializers.IntegerField(help_text=RATE)
    share_bp = serializers.IntegerField(help_text=RATE)
    amount = schema.Money(source="amount_cents")
    level = serializers.IntegerField()
    version = serializers.IntegerField(source="policy.version", default=None, allow_null=True)
    earned_at = serializers.DateTimeField()
    made_at = serializers.DateTimeField()


class CommissionStatements(Door):
    """Statements."""

    resource: ClassVar[Resource] = "guide_pay"
    queries: ClassVar[frozenset[str]] = asked.PAGED | set(STATEMENT_FINDS)

    @extend_schema(
        operation_id="list_commission_statements", parameters=[*schema.PAGE, *schema.narrowing(STATEMENT_FINDS)],
        responses=schema.page_of(CommissionStatementOut, "CommissionStatements"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List what months come to for whom; until a month is closed, its statements may be computed anew."""
        seen = CommissionStatement.objects.visible_to(request.user).select_related("month", "account__user")
        rows = asked.narrow(request.query_params, seen, STATEMENT_FINDS)
        return schema.listed(request, rows, ("id",), CommissionStatementOut)


class CommissionEntries(Door):
    """Lines."""

    resource: ClassVar[Resource] = "guide_pay"
    queries: ClassVar[frozenset[str]] = asked.PAGED | set(ENTRY_FINDS)

    @extend_schema(
        operation_id="list_commission_entries", parameters=[*schema.PAGE, *schema.narrowing(ENTRY_FINDS)],
        responses=schema.page_of(CommissionEntryOut, "CommissionEntries"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List the lines that months are made of, in the order they were written; none ever changes."""
        seen = payroll.earning(CommissionEntry.objects.visible_to(request.user))
        rows = asked.narrow(request.query_params, seen.select_related("account__user", "order", "policy"), ENTRY_FINDS)
        return schema.listed(request, rows, ("id",), CommissionEntryOut)
