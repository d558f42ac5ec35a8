"""The guides floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidesConfig(AppConfig):
    """Who serves whom, and what a guide does today."""

    name = "guides"
    verbose_name = _("Guides")

    def ready(self) -> None:
        """Offer the ways in that guides have."""
        from guides.views.wecom import entrance
        from newretail.kernel import entrances

        entrances.offer(entrance)
