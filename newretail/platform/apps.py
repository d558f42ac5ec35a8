"""The app that knows which brands there are."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Brands and their domains, in the public schema."""

    name = "newretail.platform"
    label = "platform"
    verbose_name = "Platform"
