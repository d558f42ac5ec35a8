"""Tags for lists: which filters are in force, how a row is called at the head of its page."""

from typing import Any

from django import template
from django.apps import apps

from newretail.kernel.masking import eyes_on
from newretail.kernel.models import ExportFile, ImportFile, JobRun
from newretail.kernel.words import in_words

register = template.Library()


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


@register.filter
def titled(thing: Any) -> str:
    """Call a row by words where it is named by a code."""
    if isinstance(thing, JobRun):
        return f"{in_words(thing.name)} {thing.as_of}"
    if isinstance(thing, ExportFile):
        return str(apps.get_model(thing.noun)._meta.verbose_name_plural)
    if hasattr(thing, "member_no"):
        return eyes_on(thing).called(thing)
    return thing.file_name if isinstance(thing, ImportFile) else str(thing)
