"""The app that knows who and when."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """Users, journal, job runs, files: what every floor stands on."""

    name = "newretail.kernel"
    label = "kernel"
    verbose_name = _("System")

    def ready(self) -> None:
        """Let every app's handlers and jobs enter their tables."""
        from newretail.kernel import registry

        registry.discover()
