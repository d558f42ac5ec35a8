"""The API told to whoever asks: as a document for machines, as a page that people read and try."""

import functools
import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import condition, require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

MINUTES = 60
FRESH = f"public, max-age={5 * MINUTES}"


@functools.cache
def document() -> bytes:
    """Draw the description once in the life of a process; it is that of the code, the same for every brand."""
    with translation.override(settings.LANGUAGE_CODE):
        drawn = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return bytes(OpenApiJsonRenderer().render(drawn, renderer_context={}))


@functools.cache
def _mark() -> str:
    return f'"{hashlib.sha256(document()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=lambda _request: _mark())
def openapi(request: HttpRequest) -> HttpResponse:
    """Send the description, in both languages at once."""
    return HttpResponse(document(), content_type="application/json", headers={"Cache-Control": FRESH})


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show the description as Swagger UI draws it, in the language of who reads."""
    return render(request, "reference.html")
