"""Headers: either language, any order; twice or missing refuses the file."""

import pytest

from newretail.kernel.files import reasons
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.sheets import FileRefused, match_header
from stores.models import Product

ORDERS = IMPORTERS["orders"].sheet


@pytest.mark.parametrize(
    "header", ["sku,name,price", "商品编码,商品名称,价格", "SKU, Name ,售价", "编码,名称,价格", '"sku","name","price"'],
)  # fmt: skip
def test_a_header_answers_in_either_language_and_case(take, header):
    assert take("products", f"{header}\nP1,tea,12\n").counts == (1, 0, 0, 0)
    assert Product.objects.get().price_cents == 1200


def test_columns_may_stand_in_any_order_and_unknown_ones_are_passed_over(take):
    taken = take("products", "remark,price,name,,sku\nnew,12,tea,,P1\n")
    assert taken.counts == (1, 0, 0, 0)
    assert (Product.objects.get().sku, Product.objects.get().price_cents) == ("P1", 1200)


TWICE = {
    "plain": "sku,name,sku",
    "other case": "sku,name,SKU",
    "translated": "sku,name,商品编码",
    "by-name": "sku,name,编码",
}


@pytest.mark.parametrize("header", TWICE.values(), ids=TWICE)
def test_a_column_that_stands_twice_refuses_the_file_and_is_named(take, header):
    with pytest.raises(FileRefused) as refusal:
        take("products", f"{header}\nP1,tea,P2\n")
    assert (refusal.value.code, refusal.value.facts) == ("header_twice", {"columns": "sku"})
    assert not Product.objects.exists()


def test_missing_columns_are_all_named_in_both_languages(take):
    with pytest.raises(FileRefused) as refusal:
        take("orders", "order_no,channel\nA1,mall\n")
    assert refusal.value.facts == {"columns": "source, paid_at, amount"}
    says = reasons.both(refusal.value.code, refusal.value.facts)
    assert says == (
        "表头缺少这些列：source, paid_at, amount。 / These columns are missing in the header: source, paid_at, amount."
    )


def test_a_header_in_broken_bytes_refuses_the_file(take):
    with pytest.raises(FileRefused) as refusal:
        take("products", "\n\n商品编码,商品名称\n".encode("gb18030")[:-3] + b"\xff\nP1,tea\n")
    assert refusal.value.code == "header_unreadable"
    assert refusal.value.facts == {"line": 3}


@pytest.mark.parametrize("kind", IMPORTERS)
def test_every_column_of_every_kind_answers_to_its_two_names(kind):
    sheet = IMPORTERS[kind].sheet
    for given in ([c.name for c in sheet.columns], [c.zh for c in sheet.columns]):
        assert match_header(given, sheet) == list(sheet.columns)


def test_no_header_leads_to_two_columns_of_one_kind():
    for importer in IMPORTERS.values():
        headers = [text for column in importer.sheet.columns for text in column.headers]
        assert len(headers) == len(set(headers)), importer.sheet.kind
