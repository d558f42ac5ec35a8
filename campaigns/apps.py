"""The campaigns floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """What we intend: whom to speak to, when, by what."""

    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        """Offer what conditions may ask of segments."""
        import campaigns.queries.condition_fields  # noqa: F401
