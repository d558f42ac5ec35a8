"""The errors file: every refused row by line, column and reason in both languages, and nothing a spreadsheet would run."""

import csv
import stat
from pathlib import Path

import pytest

from newretail.kernel.files import reasons
from newretail.kernel.files.importing import formula_safe
from tests.kernel.files import desk

EVIL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "  =1+1",
    "\u3000=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "\r=1",
    " \u3000＠x",
]


def rows_of(result):
    with Path(result.errors_file).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("cell", EVIL)
def test_what_looks_like_a_formula_is_written_as_text(cell):
    assert formula_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "tea", "1+1", "a=b", "张三", " tea"])
def test_anything_else_is_written_as_it_is(cell):
    assert formula_safe(cell) == cell


def test_it_names_line_column_and_reason_in_both_languages(take):
    lines = ["A1,pos,2026-06-01,-1", 'A2,"pos,2026-06-01,1', "A3,pos,2026-06-01,3", "A3,pos,2026-06-01,4"]
    taken = take("orders", desk.rows("order_no,source,paid_at,amount", lines))
    assert rows_of(taken.result) == [
        ["line", "column", "code", "原因", "reason"],
        ["2", "amount", "negative", "此处不允许负数。", "A negative number is not allowed here."],
        ["3", "", "unclosed_quote", "此行有引号没有闭合。", "A quotation mark in the line is never closed."],
        [
            "5",
            "",
            "duplicate_differs",
            "第 4 行已有同一编号，内容却不同。",
            "The same key stands in line 4 with other values.",
        ],
    ]


def test_it_carries_no_cell_of_the_file(take):
    lines = [f'A{i},pos,"{cell}","{cell}"' for i, cell in enumerate(EVIL)]
    taken = take("orders", desk.rows("order_no,source,paid_at,amount", lines))
    cells = [cell for row in rows_of(taken.result)[1:] for cell in row]
    assert len(taken.refusals) >= len(EVIL) - 1
    assert not [
        cell for cell in cells if cell.strip(" \u3000\t").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    ]


def test_it_is_read_by_its_owner_alone_and_stands_in_the_brands_folder(take, settings):
    taken = take("orders", "order_no,source,paid_at,amount\nA1,pos,x,1\n")
    path = Path(taken.result.errors_file)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.is_relative_to(Path(settings.MEDIA_ROOT) / "acme")


def test_a_file_without_errors_has_no_errors_file(take):
    assert take("orders", "order_no,source,paid_at,amount\nA1,pos,2026-06-01,1\n").result.errors_file is None


@pytest.mark.parametrize("code", reasons.SENTENCES)
def test_every_reason_is_said_in_both_languages(code):
    facts = dict.fromkeys(("line", "columns", "path", "first_line"), 7)
    chinese, english = (reasons.sentence(code, facts, language) for language in ("zh-hans", "en"))
    assert chinese != english
    assert "%(" not in chinese + english
