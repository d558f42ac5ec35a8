"""The guides floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidesConfig(AppConfig):
    """Who serves whom, and what a guide does today."""

    name = "guides"
    verbose_name = _("Guides")

    def ready(self) -> None:
        """Offer the ways in that guides have, and what conditions may ask of them."""
        import guides.queries.condition_fields  # noqa: F401
        from guides.views.wecom import entrance
        from newretail.kernel import entrances

        entrances.offer(entrance)
