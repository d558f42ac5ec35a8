"""Lists of the analytics floor: stores as a board, contests between guides."""

from analytics.admin.contests import ContestAdmin
from analytics.admin.plan_reports import report_of_plan
from analytics.admin.stores import StoreAdmin

__all__ = ["ContestAdmin", "StoreAdmin", "report_of_plan"]
