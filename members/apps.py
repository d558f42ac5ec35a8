"""The members floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """A member's life: who they are, what they bought, how they stand."""

    name = "members"
    verbose_name = _("Members")
