"""Files that come with a notice are known by what they hold; what is broken, hostile or too big is refused by name."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from guides import forms
from guides.forms import FilesField, kind_of, named


def picture(kind, size=(4, 4)):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, kind)
    return out.getvalue()


def office(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "x")  # of a fixed date: each worker names the test the same
    return out.getvalue()


@pytest.mark.parametrize(("content", "kind"), [
    (b"%PDF-1.7", "pdf"), (picture("PNG"), "png"), (picture("JPEG"), "jpeg"),
    (office("word/document.xml"), "docx"), (office("xl/workbook.xml"), "xlsx"), (office("ppt/presentation.xml"), "pptx"),
    (picture("GIF"), ""), (picture("WEBP"), ""), (picture("PNG")[:40], ""), (office("a.exe"), ""), (office("xl/workbook.xml")[:30], ""),
    (office("xl/workbook.xml", "xl/vbaProject.bin"), ""), (b"<html>", ""), (b"MZ", ""), (b"", ""),
])  # fmt: skip
def test_a_file_is_what_it_holds(content, kind):
    assert kind_of(content) == kind


def test_a_picture_that_would_burst_is_refused_before_it_is_opened():
    assert kind_of(picture("PNG", (9000, 9000))) == ""


@pytest.mark.parametrize(("name", "kept"), [
    ("价目表.exe", "价目表.pdf"), ("../../etc/passwd", "passwd.pdf"), ('a"b\r\nc.pdf', "a b c.pdf"), ("", "file.pdf"),
    ("x" * 300, "x" * 100 + ".pdf"),
])  # fmt: skip
def test_its_name_is_made_safe_and_ends_as_what_it_is(name, kept):
    assert named(name, "pdf") == kept


def given(count=1, content=b"%PDF-1.7"):
    return [SimpleUploadedFile(f"f{turn}.pdf", content) for turn in range(count)]


def test_as_many_as_are_taken_are_taken_and_none_is_none():
    assert [each.name for each in FilesField(required=False).clean(given(5))] == [f"f{turn}.pdf" for turn in range(5)]
    assert FilesField(required=False).clean([]) == FilesField(required=False).clean(None) == []


@pytest.mark.parametrize("files", [given(6), given(content=b"x"), given(content=b"%PDF-" + b"x" * forms.MOST_BYTES)])
def test_too_many_too_big_and_other_kinds_are_refused(files):
    with pytest.raises(ValidationError):
        FilesField(required=False).clean(files)
