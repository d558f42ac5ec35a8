"""The campaigns floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """What we intend: the floor stands ready, its nouns come with the touch plans."""

    name = "campaigns"
    verbose_name = _("Campaigns")
