"""The stores floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoresConfig(AppConfig):
    """Where and what: regions, stores, posts, channels, products."""

    name = "stores"
    verbose_name = _("Stores")

    def ready(self) -> None:
        """Answer the table of rights: which roles a person holds follows from her posts."""
        from newretail.kernel import scopes
        from stores.queries import roles_of

        scopes.answer_with(roles_of)
