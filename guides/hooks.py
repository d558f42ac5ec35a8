"""What other systems are told of guides' pay: what a closed month comes to, person by person."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop

from guides.models import CommissionStatement
from guides.queries import payroll
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import tells
from newretail.kernel.webhooks.rows import told


@tells(
    "guides.commission_month.closed",
    event="commission_month.closed",
    says=gettext_noop("a month of commission was closed: what it pays to whom"),
)
def closed_statements(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the statements of the month that a line closed."""
    month = payroll.month_named(entry.subject)
    rows = CommissionStatement.objects.filter(month__month__in=[month] if month else [])
    for row in told(rows, "earned_cents", "recovered_cents", "owed_cents", "gross_cents", "debt_cents",
                    staff_no="account__user__staff_no"):  # fmt: skip
        yield {"month": entry.subject, **row}
