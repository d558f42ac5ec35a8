"""Pages of analytics: the home, the boards of stores and regions, their weeks, targets, the search box."""

from analytics.views.home import home

__all__ = ["home"]
