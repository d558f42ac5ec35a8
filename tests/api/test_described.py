"""The API as it is told to strangers: the document is the one kept with the docs, its page asks nobody else."""

import re
from pathlib import Path

import pytest
import yaml
from django.test import Client

from newretail.kernel.api import described

KEPT = Path(__file__).resolve().parents[2] / "docs" / "integrators" / "openapi.yaml"
DOCUMENT, PAGE = "/api/v1/openapi.json", "/api/v1/docs/"
FOREIGN = re.compile(r"""(?:src|href|action|data-document)=["'](?:https?:)?//[^"']+""")
INLINE = re.compile(r"<style|style=|<script(?![^>]+src=)|\son\w+=")


@pytest.fixture
def stranger(brand):
    return Client(headers={"host": "localhost"})


def test_a_stranger_is_sent_the_document_that_is_kept_with_the_docs(stranger):
    answer = stranger.get(DOCUMENT)
    assert answer.json() == yaml.load(KEPT.read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert answer.headers["Cache-Control"] == described.FRESH


def test_the_document_is_drawn_once_and_sent_again_only_when_it_has_changed(stranger):
    mark = stranger.get(DOCUMENT).headers["ETag"]
    drawn = described.document.cache_info().misses
    assert stranger.get(DOCUMENT, headers={"if-none-match": mark}).status_code == 304
    assert stranger.get(DOCUMENT, headers={"if-none-match": '"older"'}).status_code == 200
    assert described.document.cache_info().misses == drawn == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_names_no_other_site_and_holds_nothing_the_policy_forbids(stranger, language):
    stranger.cookies["django_language"] = language
    page = stranger.get(PAGE)
    assert (page.status_code, "default-src 'self'" in page.headers["Content-Security-Policy"]) == (200, True)
    text = page.content.decode()
    assert ("接口参考" in text) == (language == "zh-hans")
    assert FOREIGN.findall(text) == INLINE.findall(text) == []


def test_a_foreign_host_and_what_stands_inline_are_seen():
    assert FOREIGN.search('<script src="https://cdn.example.com/swagger-ui.js">')
    assert FOREIGN.search('<link href="//cdn.example.com/swagger-ui.css">')
    assert not FOREIGN.search('<script src="/static/swagger-ui.js">')
    assert all(INLINE.search(text) for text in ("<style>", "<script>1</script>", '<p style="x">', '<a onclick="x">'))


def test_neither_takes_anything(stranger):
    assert [stranger.post(path).status_code for path in (DOCUMENT, PAGE)] == [405, 405]
