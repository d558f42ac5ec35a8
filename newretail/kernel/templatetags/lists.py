"""Tags for lists: which filters are in force, how a row is called at the head of its page."""

from typing import Any

from django import template
from django.apps import apps
from django.urls import reverse

from newretail.kernel import scopes
from newretail.kernel.masking import eyes
from newretail.kernel.models import ExportFile, ImportFile, JobRun
from newretail.kernel.verbadmin.views import stale_sentence
from newretail.kernel.words import in_words

register = template.Library()
SHARED_ROLES = ("hq", "supervisor", "manager", "auditor")  # those who read lists


@register.simple_tag
def filters_in_force(listed: Any) -> list[dict[str, str]]:
    """List the filters in force: title, what each says, the address without it."""
    return [
        {
            "title": str(spec.title),
            "says": spec.says,
            "without": listed.get_query_string(dict.fromkeys(spec.words())),
        }
        for spec in listed.filter_specs
        if getattr(spec, "says", "")
    ]


@register.simple_tag
def bring_in(listed: Any) -> str:
    """Give the address where the rows of an empty list come in by file; empty for those who may not."""
    shown, asked = listed.model_admin, listed.request
    if getattr(shown, "kind", "") and shown.has_import_permission(asked):
        return "import/"
    return reverse("imports:new") if scopes.may(asked.user, "imports", "run") else ""


@register.simple_tag
def saved_views(listed: Any, tabs: Any) -> dict[str, Any]:
    """Tell which view a list shows, with whom a new one may be shared, and what of the one shown holds no more."""
    shown = list(tabs or [])
    return {
        "here": next((tab for tab in shown if tab.here), None),
        "roles": [(role, scopes.ROLE_WORDS[role]) for role in SHARED_ROLES],
        "stale": stale_sentence(shown, listed.filter_specs),
    }


@register.filter
def titled(thing: Any) -> str:
    """Call a row by words where it is named by a code."""
    if isinstance(thing, JobRun):
        return f"{in_words(thing.name)} {thing.as_of}"
    if isinstance(thing, ExportFile):
        return str(apps.get_model(thing.noun)._meta.verbose_name_plural)
    if hasattr(thing, "member_no"):
        return eyes().called(thing)
    return thing.file_name if isinstance(thing, ImportFile) else str(thing)
