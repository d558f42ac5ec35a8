"""The settings of production: nothing to warn of, only proxies of our own are believed, static files by their hash."""

import json
import os
import subprocess
import sys

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from newretail import gunicorn
from newretail.platform.middleware import ProxyMiddleware
from tests.architecture.tree import ROOT

GIVEN = {"DJANGO_SETTINGS_MODULE": "newretail.settings.prod", "ALLOWED_HOSTS": "shop.example.com"}
ASK = "import json; from django.conf import settings; print(json.dumps({name: getattr(settings, name) for name in %r}))"


def manage(tmp_path, *words, **given):
    environment = {**os.environ, **GIVEN, "NEWRETAIL_HOME": str(tmp_path / "home"), **given}
    for name in ("SECRET_KEY", "WRITE_GUARD", "DATABASE_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-W", "error::UserWarning", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def asked(tmp_path, *names, **given):
    told = manage(tmp_path, "-c", ASK % (names,), **given)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout.splitlines()[-1])


def test_the_deployment_check_finds_nothing_to_warn_of(tmp_path):
    told = manage(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert told.returncode == 0, told.stderr


def test_the_deployment_check_does_look(tmp_path):
    told = manage(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", SECURE_SSL_REDIRECT="0")
    assert told.returncode == 1
    assert "security.W008" in told.stderr


def test_without_hosts_production_does_not_start(tmp_path):
    told = manage(tmp_path, "-c", ASK % (("DEBUG",),), ALLOWED_HOSTS="")
    assert "ALLOWED_HOSTS" in told.stderr
    assert told.returncode == 1


@pytest.mark.parametrize(("proxies", "header"), [("0", None), ("1", ["HTTP_X_FORWARDED_PROTO", "https"])])
def test_the_header_of_a_proxy_is_believed_only_where_a_proxy_is_named(tmp_path, proxies, header):
    told = asked(tmp_path, "SECURE_PROXY_SSL_HEADER", "DEBUG", TRUSTED_PROXIES=proxies)
    assert told == {"SECURE_PROXY_SSL_HEADER": header, "DEBUG": False}


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),  # the caller claimed the first
        (2, "6.6.6.6, 7.7.7.7, 10.0.0.2", "7.7.7.7"),
        (2, "7.7.7.7", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_the_address_of_a_caller_is_what_our_outermost_proxy_wrote(settings, proxies, told, address):
    settings.TRUSTED_PROXIES = proxies
    seen = []
    asked_by = RequestFactory(REMOTE_ADDR="10.0.0.1").get("/", headers={"x-forwarded-for": told})
    ProxyMiddleware(lambda request: seen.append(request.META["REMOTE_ADDR"]) or HttpResponse())(asked_by)
    assert seen == [address]


# As in production, where nothing brings brotli along: it would take minutes over what gzip does in seconds.
COLLECT = """
import sys
sys.modules["brotli"] = None
from django.core.management import call_command
import django
django.setup()
call_command("collectstatic", "--noinput")
"""


def test_static_files_are_collected_under_names_that_hold_their_hash(tmp_path):
    place = tmp_path / "static"
    told = manage(tmp_path, "-c", COLLECT, STATIC_ROOT=str(place))
    assert told.returncode == 0, told.stderr
    names = json.loads((place / "staticfiles.json").read_text())["paths"]
    for name in ("css/tokens.css", "css/problem.css", "echarts/echarts.min.js"):
        assert (place / names[name]).exists()
        assert names[name] != name
    assert (place / "css/problem.css").exists()  # the pages of errors name it without looking it up
    assert (place / (names["css/tokens.css"] + ".gz")).exists()


def test_a_worker_takes_the_first_slot_that_no_living_one_has():
    class Arbiter:
        WORKERS = {}

    class Worker:
        slot = None

    def spawn(pid):
        worker = Worker()
        gunicorn.pre_fork(Arbiter, worker)
        Arbiter.WORKERS[pid] = worker
        return worker.slot

    assert [spawn(pid) for pid in (11, 12, 13)] == [0, 1, 2]
    del Arbiter.WORKERS[12]
    assert [spawn(14), spawn(15)] == [1, 3]


def test_gunicorn_takes_its_settings_and_tells_what_it_does_in_json(tmp_path):
    told = manage(tmp_path, "-m", "gunicorn", "--check-config", "-c", "python:newretail.gunicorn", "newretail.wsgi")
    assert told.returncode == 0, told.stderr
    assert gunicorn.workers >= 2
    assert gunicorn.logconfig_dict["loggers"]["gunicorn.error"]["propagate"]
