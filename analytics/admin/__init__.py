"""Lists of the analytics floor: stores as a board, contests between guides."""

from analytics.admin.contests import ContestAdmin
from analytics.admin.stores import StoreAdmin

__all__ = ["ContestAdmin", "StoreAdmin"]
