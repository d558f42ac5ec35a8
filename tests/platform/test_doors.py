"""Doors above every brand: unknown hosts, the health answer, and verbs that nobody may call outside a brand."""

import inspect
from importlib import import_module
from pkgutil import walk_packages

import pytest
from django.db import connection, connections
from django.test import Client

from newretail.kernel.verbs import NoBrand
from newretail.platform import middleware

ROOMS = ("newretail.kernel", "stores", "members", "analytics")
PAGE = middleware.NOT_FOUND.encode()


def verbs():
    """Every verb of the product by its full name."""
    found = {}
    for room in ROOMS:
        package = import_module(f"{room}.actions")
        for each in walk_packages(package.__path__, f"{room}.actions."):
            for name, function in inspect.getmembers(import_module(each.name), inspect.isfunction):
                found |= {f"{function.__module__}.{name}": function} if hasattr(function, "is_verb") else {}
    return found


VERBS = verbs()


def test_there_are_verbs_to_try():
    assert {"members.actions.orders.record", "newretail.kernel.actions.jobs.enter"} <= VERBS.keys()


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_outside_every_brand_is_refused_before_it_looks_at_anything(db, name):
    connection.set_schema_to_public()
    with pytest.raises(NoBrand):
        VERBS[name]()


@pytest.mark.parametrize("host", ["nobody.example", "acme", "localhost.example", "127.0.0.2", "xn--a", "a" * 200])
@pytest.mark.parametrize("path", ["/", "/admin/", "/admin/login/?next=/x", "/nowhere"])
def test_an_unknown_host_gets_a_plain_page(db, host, path):
    answer = Client(headers={"host": host}).get(path)
    assert (answer.status_code, answer.content) == (404, PAGE)
    assert not answer.cookies


@pytest.mark.parametrize("host", ["a b", "<script>", "örtlich", "localhost:x"])
def test_a_host_that_is_none_gets_the_same_page_without_an_echo(db, host):
    answer = Client(headers={"host": host}).get("/")
    assert (answer.status_code, answer.content) == (404, PAGE)


def test_a_host_is_known_in_any_case_and_with_a_port(brand):
    answers = [Client(headers={"host": host}).get("/admin/login/") for host in ("LOCALHOST", "localhost:8000")]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("host", ["localhost", "nobody.example", "10.0.0.7"])
@pytest.mark.parametrize("path", ["/healthz", "/healthz/"])
def test_the_site_is_well_while_its_database_answers(db, host, path):
    answer = Client(headers={"host": host}).get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.fixture
def no_database(transactional_db):
    """A database that is gone: nobody listens at its port."""
    default = connections["default"]
    default.close()
    port, default.settings_dict["PORT"] = default.settings_dict["PORT"], 1
    yield
    default.close()
    default.settings_dict["PORT"] = port


def test_the_site_is_not_well_without_its_database(no_database):
    answer = Client(headers={"host": "localhost"}).get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database"})
