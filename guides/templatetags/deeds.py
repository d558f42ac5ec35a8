"""Forms of the phone: each is sent with a number of its own, under which what it asks for is done once."""

import uuid
from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def once(ref: Any = None) -> SafeString:
    """Write a form's number: what it asks for is done once, however often it is sent."""
    return format_html('<input type="hidden" name="ref" value="{}">', ref or uuid.uuid4())


@register.simple_block_tag(takes_context=True)
def deed(
    context: Context, content: SafeString, address: str, *named: Any,
    do: str = "", css: str = "", target: str = "closest .g-card", ref: Any = None, **more: Any,
) -> SafeString:  # fmt: skip
    """Write a form that is sent without leaving the page, and that waits on the phone while there is no connection.

    `address` and `named` say where to; `do` what is asked; `target` what the answer takes the place of: the body is
    filled, anything else replaced. `ref` is its number where the page knows it, else a new one. Of `more`, each is an
    attribute: `data_passing=10` is `data-passing="10"`, one without a value is left out.
    """
    where = reverse(address, args=named)
    swap = "" if target == "body" else "outerHTML"
    own = {"class": css, "hx-target": target, "hx-swap": swap, **{k.replace("_", "-"): v for k, v in more.items()}}
    said = format_html_join("", ' {}="{}"', ((name, value) for name, value in own.items() if value not in ("", None)))
    asked = format_html('<input type="hidden" name="do" value="{}">', do) if do else ""
    return format_html(
        '<form method="post" action="{0}" hx-post="{0}" data-deed{1}>{2}{3}{4}{5}</form>',
        where, said, CsrfTokenNode().render(context), once(ref), asked, content,
    )  # fmt: skip
