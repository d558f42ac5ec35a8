"""The guides floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GuidesConfig(AppConfig):
    """Who serves whom: the floor stands ready, its nouns come with the guide's day."""

    name = "guides"
    verbose_name = _("Guides")
