"""What holds for any amount, any keys, any chunk size."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newretail.kernel import money
from newretail.kernel.files import columns
from newretail.kernel.files.child import FileReader
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.keys import SeenKeys
from newretail.kernel.files.lines import LineReader
from newretail.kernel.files.sheets import Column

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # what a reader left open ends with its process
AMOUNT = st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,2})?", fullmatch=True, alphabet="0123456789.")
CELL = st.text(alphabet="ab1,\"\n' \t;\r茶=", max_size=6)


@given(st.lists(AMOUNT, min_size=1, max_size=50))
def test_amounts_read_by_the_column_equal_decimal_arithmetic(texts):
    cents = columns.read(pa.array(texts), Column("amount", "金额", type="money")).values[0].to_pylist()
    assert cents == [int(Decimal(text) * 100) for text in texts] == [money.to_cents(text) for text in texts]


@given(st.lists(st.text(alphabet="0123456789.-+eE_, ", max_size=9), min_size=1, max_size=50))
def test_the_column_and_the_money_module_agree_on_what_is_an_amount(texts):
    read = columns.read(pa.array(texts, pa.string()), Column("amount", "金额", type="money", required=True))
    wrong = [any(mask[i].as_py() for mask, _ in read.wrong) for i in range(len(texts))]
    assert wrong == [not money._YUAN.match(text.strip()) for text in texts]


@given(st.integers(0, 10**14), st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_a_split_sums_exactly_and_no_part_strays_a_cent(cents, weights):
    parts = money.split(cents, weights)
    assert sum(parts) == cents
    assert all(
        abs(part * sum(weights) - cents * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True)
    )


def first_lines_told_by_a_dictionary(chunks):
    known, line, told = {}, 1, []
    for chunk in chunks:
        lines = range(line + 1, line + 1 + len(chunk))
        told.append(
            [0 if known.setdefault(key, at) == at else known[key] for key, at in zip(chunk, lines, strict=True)]
        )
        line += len(chunk)
    return told


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12))
def test_seen_keys_equal_a_dictionary(chunks):
    keys, bounds = SeenKeys(), np.cumsum([2, *map(len, chunks)])
    told = [
        keys.first_lines(
            np.array(chunk, dtype=np.uint64), np.arange(start, start + len(chunk), dtype=np.int32)
        ).tolist()
        for chunk, start in zip(chunks, bounds, strict=False)
    ]
    assert told == first_lines_told_by_a_dictionary(chunks)


def read_all(path, most):
    reader = FileReader(path, IMPORTERS["products"].sheet)
    rows, bodies, errors = 0, b"", []
    while (records := reader.lines.take(most)).cells or records.errors:
        good, body, wrong = reader.chunk(records)
        rows, bodies, errors = rows + good, bodies + body, errors + wrong
    reader.lines.close()
    return rows, bodies, sorted(errors)


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=12), most=st.integers(1, 7))
def test_what_is_read_does_not_depend_on_the_size_of_chunks(tmp_path_factory, lines, most):
    path = tmp_path_factory.mktemp("chunks") / "file.csv"
    path.write_text("\n".join(["sku,name,price", *(",".join(cells) for cells in lines)]), encoding="utf-8", newline="")
    assert read_all(path, most) == read_all(path, 1000)


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=12))
def test_every_record_stands_at_its_own_line(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("lines") / "file.csv"
    path.write_text("\n".join(["a,b,c", *(",".join(cells) for cells in lines)]), encoding="utf-8", newline="")
    reader = LineReader(path)
    records = reader.take(1000)
    reader.close()
    numbers = records.lines + [line for line, _ in records.errors]
    assert len(numbers) == len(set(numbers))
    assert len(records.lines) == len(records.cells)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_the_reader_stumble(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "file.csv"
    path.write_bytes(b"a,b,c\n" + content)
    reader = LineReader(path)
    records = reader.take(1000)
    reader.close()
    assert {len(cells) for cells in records.cells} <= {3}
