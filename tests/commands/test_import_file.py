"""manage.py import_file: its last line for machines, its sentences for people, its exit codes."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from members.models import Order
from newretail.kernel.models import ImportFile, JournalEntry
from tests.kernel.files import desk

ORDERS = "order_no,source,paid_at,amount\nA1,pos,2026-06-01,12.50\nA2,pos,2026-06-01,x\n"
KEYS = ["rows", "created", "updated", "skipped", "rejected", "enrolled", "errors_file"]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def orders(tmp_path):
    return desk.write(tmp_path, ORDERS, "orders.csv")


def run(*words):
    out = io.StringIO()
    call_command("import_file", *map(str, words), stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue().splitlines()[-1])


def test_the_last_line_is_json_of_the_counts(brand, orders):
    said = run("orders", orders, "--brand", "acme")
    assert list(said) == KEYS
    assert [said[key] for key in KEYS[:-1]] == [2, 1, 0, 0, 1, 0]
    assert "not_money" in Path(said["errors_file"]).read_text(encoding="utf-8-sig")


def test_a_file_without_errors_says_null_for_its_errors_file(brand, tmp_path):
    assert run("orders", desk.write(tmp_path, ORDERS[:-20]), "--brand", "acme")["errors_file"] is None


def test_a_dry_run_says_the_same_and_writes_nothing(brand, orders):
    told = run("orders", orders, "--brand", "acme", "--dry-run")
    assert [m.objects.count() for m in (Order, ImportFile, JournalEntry)] == [0, 0, 0]
    done = run("orders", orders, "--brand", "acme")
    assert {**told, "errors_file": 0} == {**done, "errors_file": 0}


def test_payers_are_enrolled_when_asked(brand, tmp_path):
    path = desk.write(tmp_path, "order_no,source,paid_at,amount,phone\nA1,pos,2026-06-01,1,13800000001\n")
    assert run("orders", path, "--brand", "acme")["rejected"] == 1
    said = run("orders", path, "--brand", "acme", "--enrol")
    assert (said["created"], said["enrolled"]) == (1, 1)


REFUSED = {
    "unknown kind": (("parcels", "{path}", "--brand", "acme"), "没有这种文件", "Unknown kind"),
    "unknown brand": (("orders", "{path}", "--brand", "nobody"), "没有这个品牌", "no brand"),
    "unknown path": (("orders", "{path}.nowhere", "--brand", "acme"), "没有这个文件", "no such file"),
    "a folder": (("orders", "{folder}", "--brand", "acme"), "没有这个文件", "no such file"),
    "another kind's file": (("members", "{path}", "--brand", "acme"), "表头缺少这些列", "missing in the header"),
    "too old a workbook": (("orders", "{workbook}", "--brand", "acme"), "旧格式", "of an old kind"),
}


@pytest.mark.parametrize(("words", "chinese", "english"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_processed_ends_with_code_2_and_a_sentence_in_both_languages(
    brand, orders, tmp_path, words, chinese, english
):
    places = {"path": orders, "folder": tmp_path, "workbook": desk.write(tmp_path, b"\xd0\xcf\x11\xe0", "old.csv")}
    with pytest.raises(CommandError) as error:
        run(*(word.format(**places) for word in words))
    assert error.value.returncode == 2
    assert chinese in str(error.value)
    assert english in str(error.value)
    assert not Order.objects.exists()


def test_the_brand_must_be_named(orders):
    with pytest.raises(CommandError):
        run("orders", orders)


def test_a_file_comes_into_its_own_brand_only(brand, other_brand, orders):
    run("orders", orders, "--brand", "beta")
    assert not Order.objects.exists()
    with other_brand:
        assert Order.objects.get().order_no == "A1"
