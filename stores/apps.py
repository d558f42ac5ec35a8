"""The stores floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    """Where and what: regions, stores, posts, channels, products."""

    name = "stores"
    verbose_name = _("Stores")
