"""Tags for lists: which filters are in force."""

from typing import Any

from django import template

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
