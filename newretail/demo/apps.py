"""The demo app: no nouns of its own, only the data of the demo brand and its command."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Register the `demo` command."""

    name = "newretail.demo"
    label = "demo"
    verbose_name = "Demo"
