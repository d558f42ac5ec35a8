"""Error pages stand in both languages and need no brand, no person, no database and no context."""

import re

import pytest
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from tests import sights
from tests.architecture.tree import ROOT

PAGES = sorted(path.name for path in (ROOT / "templates").glob("[0-9]*.html"))
CHINESE, ENGLISH = re.compile(r"<p>[^<]*[\u4e00-\u9fff]"), re.compile(r'<p lang="en">[A-Z][^<]+\.</p>')


def test_every_answer_that_a_person_may_get_has_a_page():
    assert PAGES == ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_without_database_or_context_in_both_languages(page):  # no `db`: a query would be refused
    text = get_template(page).render()
    assert CHINESE.search(text)
    assert ENGLISH.search(text)
    assert f"<h1>{page[:3]}</h1>" in text


def test_a_fault_is_answered_without_asking_anything():
    answer = server_error(RequestFactory().get("/"))
    assert (answer.status_code, "<h1>500</h1>" in answer.content.decode()) == (500, True)


def test_a_form_that_is_out_of_date_is_told_in_both_languages(brand):
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(sights.person("hq"), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/i18n/setlang/", {"language": "en"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()
