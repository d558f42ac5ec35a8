"""The analytics floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """What we learned: facts, scores, boards."""

    name = "analytics"
    verbose_name = _("Analytics")
