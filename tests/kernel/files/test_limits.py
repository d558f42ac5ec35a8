"""The reader's process may die of a file; the one that started it never does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newretail.kernel.files import reader
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.models import ImportFile
from stores.models import Product
from tests.kernel.files import desk

pytestmark = pytest.mark.usefixtures("by_child")
HEADER = b"sku,name,price\n"
FULL = os.environ.get("NEWRETAIL_PROVE") == "1"
MEGABYTES, LINES = (200, 1_500_000) if FULL else (12, 30_000)


def batches(path):
    return list(reader.batches(path, IMPORTERS["products"].sheet))


def test_the_child_reads_what_is_read_here(tmp_path):
    path = desk.write(tmp_path, desk.rows("sku,name,price", ["P1,茶,1", 'P2,"nuts,2', "P1,茶,1", "P3,cake,-1"]))
    assert batches(path) == list(desk.read_here(path, IMPORTERS["products"].sheet))


@pytest.mark.prove
@pytest.mark.parametrize("quote", [b"", b'"'], ids=["plain", "quoted"])
def test_a_single_endless_line_is_one_refused_row(take, tmp_path, quote):
    taken = take("products", HEADER + b"P1," + quote + b"x" * (MEGABYTES << 20) + b"\nP2,tea,1\n")
    assert [(line, column) for line, column, _ in taken.refusals] == [(2, "")]
    assert Product.objects.get().sku == "P2"


@pytest.mark.prove
def test_a_file_of_garbage_lines_is_refused_line_by_line(take):
    taken = take("products", HEADER + b'a"b\x00,\xff\n' * LINES)
    assert taken.result.rows == taken.result.rejected == LINES


def test_a_child_beyond_its_memory_refuses_the_file_and_leaves_the_parent_alone(take, tmp_path):
    path = desk.write(tmp_path, HEADER + b"P1,tea,1\n")
    starved = "import resource; from newretail.kernel.files import glance; glance.MEMORY = 1 << 20;"
    code = f"{starved} glance.limit(glance.Path({str(path)!r})); bytes(64 << 20)"
    died = subprocess.run([sys.executable, "-c", code], cwd=reader.CHECKOUT, capture_output=True, check=False)
    assert died.returncode == 1
    assert b"MemoryError" in died.stderr


def test_a_child_that_dies_fails_the_import_with_a_sentence(take, monkeypatch, tmp_path):
    fake = tmp_path / "dies"
    fake.write_text("#!/bin/sh\nexec kill -9 $$\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(FileRefused) as refusal:
        take("products", HEADER + b"P1,tea,1\n")
    assert refusal.value.code == "reader_died"
    assert ImportFile.objects.get().state == "failed"


def test_a_child_that_is_cut_off_leaves_nothing_in_the_temporary_folder(tmp_path, monkeypatch):
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "1")
    content = HEADER + b"".join(b"P%d,tea,1\n" % i for i in range(5000))
    reading = reader.batches(desk.write(tmp_path, content), IMPORTERS["products"].sheet)
    next(reading)
    reading.close()
    assert list(folder.iterdir()) == []


def test_who_looks_at_the_beginning_of_a_file_waits_for_no_library_of_columns():
    loaded = "import newretail.kernel.files.glance, sys; print({'pandas', 'pyarrow', 'numpy'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", loaded], cwd=Path(reader.CHECKOUT), capture_output=True, check=True)
    assert said.stdout.strip() == b"set()"


def test_the_child_knows_no_database():
    loaded = "import newretail.kernel.files.child, sys; print([m for m in sys.modules if m.startswith('psycopg')])"
    said = subprocess.run([sys.executable, "-c", loaded], cwd=Path(reader.CHECKOUT), capture_output=True, check=True)
    assert said.stdout.strip() == b"[]"
