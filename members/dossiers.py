"""A person's file: all that is held of her, as JSON for machines and as a page to read, packed together."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import translation

from members.models import Member, PersonFile
from members.queries import families
from newretail.kernel import clock, money
from newretail.kernel.files import storage
from newretail.kernel.personal import Page, told_of

PLACE = "persons"
CENTS = "_cents"


def path_of(file: PersonFile) -> Path:
    """Tell where a person's file lies."""
    return storage.folder(PLACE) / file.stored


def _shown(name: str, value: Any) -> Any:
    if value is not None and name.endswith(CENTS):
        return money.to_yuan(value)
    return value.astimezone(clock.brand_zone()).isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _in_words(page: Page, name: str, value: Any) -> str:
    field: Any = page.model._meta.get_field(name)
    choices = dict(getattr(field, "flatchoices", ()))
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "✓" if value else "—"
    shown = _shown(name, value)
    return str(choices.get(value, shown.isoformat() if isinstance(shown, date) else shown))


def as_json(pages: list[Page], at: datetime) -> str:
    """Write the pages by the names of nouns and columns; money in yuan, times with their offset."""
    told = {
        page.model._meta.label_lower: [
            {name.removesuffix(CENTS): _shown(name, value) for name, value in zip(page.columns, row, strict=True)}
            for row in page.rows
        ]
        for page in pages
    }
    whole = {"written_at": _shown("", at), "person": told}
    return json.dumps(whole, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)


def _tables(pages: list[Page]) -> Iterator[dict[str, Any]]:
    for page in pages:
        heads = [str(getattr(page.model._meta.get_field(name), "verbose_name", name)) for name in page.columns]
        rows = [[_in_words(page, name, value) for name, value in zip(page.columns, row, strict=True)]
                for row in page.rows]  # fmt: skip
        yield {"title": str(page.model._meta.verbose_name_plural), "heads": heads, "rows": rows}


def as_page(pages: list[Page], member: Member, at: datetime, language: str) -> str:
    """Write the pages as one to read, in a language."""
    with translation.override(language):
        context = {"member": member, "at": at.astimezone(clock.brand_zone()), "tables": list(_tables(pages)),
                   "language": language}  # fmt: skip
        return render_to_string("persons/file.html", context)


def write(file: PersonFile, at: datetime) -> int:
    """Write a person's file; returns its size in bytes."""
    pages = list(told_of(families.ids_of(file.member)))
    path = path_of(file)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("person.json", as_json(pages, at))
        packed.writestr("person.zh.html", as_page(pages, file.member, at, "zh-hans"))
        packed.writestr("person.en.html", as_page(pages, file.member, at, "en"))
    return path.stat().st_size


def remove_closed() -> int:
    """Remove the files that no open row names; returns how many."""
    kept = set(PersonFile.objects.filter(closed=False).values_list("stored", flat=True))
    gone = [path for path in storage.folder(PLACE).iterdir() if path.name not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
