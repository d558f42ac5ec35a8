"""What is written down with guides' work: files known by what they hold, not by their names."""

import io
import re
import zipfile
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from PIL import Image

from guides.actions.notices import Attached

MOST_FILES, MOST_BYTES = 5, 5 << 20  # of one notice, of one file
MOST_PIXELS = 40_000_000
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg",
    "docx": f"{OFFICE}.wordprocessingml.document", "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "pptx": f"{OFFICE}.presentationml.presentation",
}  # fmt: skip
ENDINGS = {"jpeg": "jpg"}
PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def kind_of(content: bytes) -> str:
    """Tell what a file is by what it holds; nothing for what is not taken: other kinds, broken ones, with macros."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _picture(content)


def _office(content: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((kind for part, kind in PARTS.items() if part in names), "")


def _picture(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            width, height, kind = *picture.size, str(picture.format).lower()
            if width * height > MOST_PIXELS:
                return ""
            picture.verify()
    except Exception:  # noqa: BLE001 - a broken picture raises what it likes
        return ""
    return kind


def named(name: str, kind: str) -> str:
    """Give a file a name that is safe to keep, with the ending of what it is."""
    stem = UNSAFE.sub(" ", name.rpartition(".")[0] or name).strip(" .") or "file"
    return f"{stem[:100]}.{ENDINGS.get(kind, kind)}"


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files that come with a notice; each is looked into before it is kept."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Attached]:
        """Look into each file; more or larger ones than are taken, and other kinds, are refused by name."""
        given: list[Any] = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)s files come with a notice.") % {"most": MOST_FILES})
        return [self._taken(super(FilesField, self).clean(each, initial)) for each in given]

    def _taken(self, file: Any) -> Attached:
        told = {"name": file.name, "most": MOST_BYTES >> 20}
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("%(name)s is larger than %(most)s MB.") % told)
        content = file.read()
        kind = kind_of(content)
        if not kind:
            raise forms.ValidationError(
                _("%(name)s is none of these: PDF, PNG, JPEG, Word, Excel, PowerPoint (without macros).") % told
            )
        return Attached(named(file.name, kind), kind, content)
