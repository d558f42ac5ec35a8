"""Files are read within this process, where one test can read a hundred; `by_child` reads them as the site does."""

import pytest

from newretail.kernel.files import reader
from tests.kernel.files import desk

BY_CHILD = reader.batches


@pytest.fixture(autouse=True)
def _read_here(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    desk.stay_here(monkeypatch)


@pytest.fixture
def by_child(monkeypatch):
    monkeypatch.setattr(reader, "batches", BY_CHILD)


@pytest.fixture
def take(brand, tmp_path):
    return lambda kind, content, **given: desk.take(tmp_path, kind, content, **given)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "3")
