"""Whatever bytes a file is made of: it is read, or refused with a reason, and a broken line costs only itself."""

import codecs
import gzip
import io
import zipfile

import pytest

from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.models import ImportFile
from stores.models import Product

HEADER = "sku,name,price"
NAMES = ("明前龙井", "每日坚果", "桂花糕")
BODY = "\n".join((HEADER, *(f"P{i},{name},12.50" for i, name in enumerate(NAMES)))) + "\n"


def names():
    return tuple(Product.objects.order_by("sku").values_list("name", flat=True))


def workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


WHOLE = {
    "UTF-8": BODY.encode(),
    "UTF-8 with BOM": codecs.BOM_UTF8 + BODY.encode(),
    "GB18030": BODY.encode("gb18030"),
    "GB18030 with a Chinese header": BODY.replace(HEADER, "商品编码,商品名称,价格").encode("gb18030"),
    "no line end at the end": BODY.rstrip().encode(),
    "lines ended by CR LF": BODY.replace("\n", "\r\n").encode(),
    "lines ended by CR": BODY.replace("\n", "\r").encode(),
    "tabs": BODY.replace(",", "\t").encode(),
    "semicolons": BODY.replace(",", ";").encode(),
    "blank lines between": BODY.replace("\n", "\n\n  \n").encode(),
    "every cell quoted": BODY.replace(",", '","').replace("\n", '"\n"').join('""')[:-2].encode(),
}


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE)
def test_the_same_rows_come_in_from_every_spelling_of_a_file(take, content):
    assert take("products", content).counts == (3, 0, 0, 0)
    assert names() == NAMES


REFUSED = {
    "empty": (b"", "is_empty"),
    "only a BOM and blanks": (codecs.BOM_UTF8 + b" \r\n\n", "is_empty"),
    "only blank lines": (b"\n" * 2_000_000, "is_empty"),
    "hardly a workbook": (workbook(), "is_broken"),
    "old Excel workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is_excel"),
    "UTF-16": (BODY.encode("utf-16"), "is_utf16"),
    "UTF-16, big end first": (codecs.BOM_UTF16_BE + BODY.encode("utf-16-be"), "is_utf16"),
    "UTF-16 without BOM": (BODY.encode("utf-16-le"), "header_unreadable"),
    "gzip": (gzip.compress(BODY.encode()), "is_compressed"),
    "PDF": (b"%PDF-1.7\n", "is_other"),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_csv_is_refused_as_a_whole(take, content, code):
    with pytest.raises(FileRefused) as refusal:
        take("products", content)
    assert refusal.value.code == code
    row = ImportFile.objects.get()
    assert (row.state, row.rows, row.error != "") == ("failed", 0, True)
    assert not Product.objects.exists()


def test_a_csv_under_the_name_of_a_workbook_is_read(take, tmp_path):
    assert take("products", BODY).counts == (3, 0, 0, 0)


@pytest.mark.parametrize("header", [HEADER, "商品编码,商品名称,价格"])
def test_lines_in_another_encoding_are_named_and_the_others_come_in(take, header):
    lines = [
        *(f"P{i},{name},1".encode() for i, name in enumerate(NAMES)),
        "P8,绿豆糕,1".encode("gb18030"),
        b"P9,\xff\xfe,1",
    ]
    taken = take("products", b"\n".join((header.encode(), *lines)))
    assert taken.refusals == [(5, "", "bad_bytes"), (6, "", "bad_bytes")]
    assert names() == NAMES


def test_one_broken_byte_does_not_turn_the_other_names_into_gibberish(take):
    lines = ["P1,张三,1".encode(), "P2,李四,1".encode(), b"P3,\xff\xfe,1"]
    taken = take("products", b"\n".join((HEADER.encode(), *lines)))
    assert taken.refusals == [(4, "", "bad_bytes")]
    assert names() == ("张三", "李四")


def test_a_file_cut_off_within_a_letter_loses_only_its_last_line(take):
    taken = take("products", BODY.encode().removesuffix(b",12.50\n")[:-1])
    assert taken.refusals == [(4, "", "bad_bytes")]
    assert names() == NAMES[:2]
