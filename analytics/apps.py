"""The analytics floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """What we learned: facts, scores, boards."""

    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self) -> None:
        """Propose what a scoring has measured."""
        from analytics.queries.cuts import proposed_super_cents
        from newretail.kernel import brand

        brand.answer_with_proposal("super_cents", proposed_super_cents)
