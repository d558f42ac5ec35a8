"""Log lines are JSON with brand, request and task, and hold no person's data, on an error neither."""

import io
import json
import logging
import logging.config

import psycopg2
import pytest
import structlog
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client

from newretail.kernel.actions import jobs
from newretail.kernel.registry import TABLES
from newretail.settings.base import NIGHT_JOBS
from newretail.settings.logs import LOGGING
from tests import sights, world

PHONE, NAME = "13800000001", "张三"
LOCAL = {"host": "localhost"}

FIRST = NIGHT_JOBS[0][0]  # the first of the night


@pytest.fixture
def told(monkeypatch):
    """What is written from now on, line by line, at the level of production."""
    stream = io.StringIO()
    handlers = {"console": {**LOGGING["handlers"]["console"], "stream": stream}}
    loggers = {**LOGGING["loggers"], "newretail.requests": {"level": "INFO"}}
    kept = logging.getLogger().handlers[:], logging.getLogger().level
    root = {"handlers": ["console"], "level": "INFO"}
    logging.config.dictConfig({**LOGGING, "handlers": handlers, "loggers": loggers, "root": root})
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().handlers[:], level = kept
    logging.getLogger().setLevel(level)
    logging.getLogger("newretail.requests").setLevel("WARNING")


def holds(lines, *words):
    """Which of the words stand in the lines."""
    text = json.dumps(lines, ensure_ascii=False)
    return [word for word in words if word in text]


def test_a_request_is_one_line_with_brand_route_and_id_and_without_what_was_asked(brand, told):
    sights.trade()
    answer = sights.browser("hq").get(f"/admin/members/member/?q={PHONE}")
    (line,) = [line for line in told() if line["event"] == "request"]
    assert (line["brand"], line["route"], line["status"]) == ("acme", "admin:members_member_changelist", 200)
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["queries"] > 0
    assert holds(told(), PHONE, NAME) == []


def test_an_address_that_leads_nowhere_is_told_without_the_address(brand, told):
    Client(headers=LOCAL).get(f"/{PHONE}/{NAME}")
    assert {"unmatched"} == {line["route"] for line in told() if line["event"] == "request"}
    assert holds(told(), PHONE, NAME) == []


def test_an_error_in_a_page_is_told_by_its_type_and_place(brand, told, monkeypatch):
    def fail(*_given):
        raise IntegrityError(f'duplicate key value\nDETAIL:  Key (phone)=(+86{PHONE}) "{NAME}" already exists.')

    client = sights.browser("hq")
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.admin.sites.AdminSite.each_context", fail)
    assert client.get(f"/admin/members/member/?q={PHONE}").status_code == 500
    (line,) = [line for line in told() if "exception" in line]
    assert line["exception"] == "IntegrityError"
    assert any("fail" in place for place in line["trace"])
    assert (line["brand"], line["level"], line["event"]) == ("acme", "error", "request answered")
    assert "error" not in line
    assert holds(told(), PHONE, NAME) == []


def test_a_statement_that_the_database_refuses_is_told_without_its_parameters(brand, told):
    world.chain()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::int, %s", [NAME, PHONE])
    except DataError:
        logging.getLogger("some.library").exception("it failed for %s", NAME)
        structlog.get_logger("newretail.thing").exception("it failed", key=7)
    library, ours = told()
    assert (library["event"], library["exception"]) == ("it failed for %s", "DataError")
    assert (ours["event"], ours["key"], ours["exception"]) == ("it failed", 7, "DataError")
    assert holds(told(), PHONE, NAME) == []


def test_what_a_library_puts_into_its_sentence_is_left_out(told):
    logging.getLogger("axes.attempts").error("login failed by %s", {"username": NAME})
    logging.getLogger("django.security.csrf").warning("Forbidden (%s): %s", "token", f"/{PHONE}")
    assert [line["event"] for line in told()] == ["login failed by %s", "Forbidden (%s): %s"]


def test_an_error_about_the_installation_is_told_with_its_words(told):
    try:
        import newretail.nothing  # noqa: F401
    except ImportError:
        logging.getLogger("gunicorn.error").exception("the worker did not start")
    assert told()[0]["error"] == "No module named 'newretail.nothing'"


def test_a_number_that_comes_through_is_blotted_out(told):
    sentence = f"no such phone: +86{PHONE}, no such order: 2026061512345678"
    logging.getLogger("some.library").error(sentence)
    assert told()[0]["event"] == "no such phone: ***, no such order: 2026061512345678"


def test_a_job_that_fails_is_told_with_its_brand_and_without_its_words(brand, told, monkeypatch):
    def fail(_run, _as_of):
        raise psycopg2.IntegrityError(f"Failing row contains (1, {NAME}, {PHONE})")

    monkeypatch.setitem(TABLES.jobs, FIRST, fail)
    jobs.enter_due(at=world.NOW)
    jobs.perform_next()
    (line,) = [line for line in told() if line["event"] == "job failed"]
    assert (line["job"], line["error"], line["brand"]) == (FIRST, "IntegrityError", "acme")
    assert holds(told(), PHONE, NAME) == []


def test_a_task_is_named_in_its_lines(told):
    from celery import shared_task

    @shared_task(name="tests.say")
    def say():
        structlog.get_logger("newretail.thing").info("said")

    say.apply(task_id="t1").get()
    line = next(line for line in told() if line["event"] == "said")
    assert (line["task"], line["task_id"]) == ("tests.say", "t1")
