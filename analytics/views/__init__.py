"""Pages of analytics: the home of the HQ admin."""

from analytics.views.home import home

__all__ = ["home"]
