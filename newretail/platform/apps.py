"""The app that knows whose installation part is whose."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Brands and their domains, in the public schema."""

    name = "newretail.platform"
    label = "platform"
    verbose_name = "Platform"
