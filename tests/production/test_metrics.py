"""Metrics: who may read them, what they say of requests, jobs, the journal, the queue; never whose data it is."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from redis import Redis
from redis.exceptions import ConnectionError as NoQueue

from newretail.kernel.actions import jobs, relay
from newretail.kernel.registry import TABLES
from newretail.platform import metrics, pulse
from tests import sights, world
from tests.architecture.tree import ROOT

PHONE = "13800000001"


@pytest.fixture(autouse=True)
def _queue(settings):
    settings.REDIS_URL = os.environ["REDIS_URL"]


def read(**headers):
    return Client().get("/metrics", headers={"host": "nobody.example.com", **headers})


def samples(name):
    """The samples of a name: labels → value."""
    found = re.findall(rf"^{name}(?:{{(.*?)}})? (\S+)$", read().content.decode(), re.MULTILINE)
    return {labels: float(value) for labels, value in found}


def test_the_metrics_answer_above_every_brand_on_this_machine_only(db):
    assert read().status_code == 200
    assert Client(REMOTE_ADDR="10.0.0.7").get("/metrics").status_code == 404
    assert read(x_forwarded_for="127.0.0.1").status_code == 404


def test_with_a_token_only_its_bearer_reads(db, settings):
    settings.METRICS_TOKEN = "a-token"
    assert (read().status_code, read(authorization="Bearer a-tokem").status_code) == (404, 404)
    assert read(authorization="Bearer a-token").status_code == 200


def test_in_production_nobody_reads_without_a_token(db, settings):
    settings.METRICS_ON_LOOPBACK = False
    assert read().status_code == 404


def test_a_request_is_counted_by_brand_route_method_and_status(brand):
    sights.trade()
    client = sights.browser("hq")
    key = 'brand="acme",method="GET",route="admin:members_member_changelist",status="200"'
    before = samples("newretail_requests_total").get(key, 0)
    client.get(f"/admin/members/member/?q={PHONE}")
    assert samples("newretail_requests_total")[key] == before + 1
    assert samples("newretail_queries_total")['brand="acme",route="admin:members_member_changelist"'] > 0
    assert samples("newretail_request_seconds_count")['route="admin:members_member_changelist"'] >= 1


def test_no_label_grows_with_what_is_asked(brand):
    client = sights.browser("hq")
    client.get("/")
    before = samples("newretail_requests_total").keys()
    for number in range(20):
        client.generic(f"M{number}", "/admin/")
        client.get(f"/{PHONE}{number}/")
        client.get("/", headers={"host": f"{number}.example.com"})
        client.get(f"/admin/members/member/{number}/change/")
    told = read().content.decode()
    assert PHONE not in told
    assert "example.com" not in told
    grown = samples("newretail_requests_total").keys() - before
    assert len([key for key in grown if 'method="other"' in key]) <= 3
    assert len([key for key in grown if "unmatched" in key]) <= 3


@pytest.mark.django_db(transaction=True)
def test_jobs_are_told_by_state_and_by_their_last_success(brand, monkeypatch):
    for name in TABLES.jobs:
        monkeypatch.setitem(TABLES.jobs, name, lambda _run, _as_of: {})
    run = jobs.enter(name="score_rfm", as_of=sights.TODAY, at=world.NOW)
    assert samples("newretail_job_runs")['brand="acme",job="score_rfm",state="waiting"'] == 1
    jobs.perform(run=run)
    assert samples("newretail_job_runs") == {'brand="acme",job="score_rfm",state="done"': 1}
    assert samples("newretail_job_done_age_seconds")['brand="acme",job="score_rfm"'] < 60


@pytest.mark.django_db(transaction=True)
def test_the_oldest_line_run_and_day_that_wait_are_told_brand_by_brand(brand, other_brand):
    assert set(samples("newretail_oldest_seconds").values()) == {0}
    sights.trade()
    jobs.enter_due(at=world.NOW)
    told = samples("newretail_oldest_seconds")
    assert told['brand="acme",what="pending_line"'] > 0
    assert told['brand="acme",what="due_run"'] > 0
    assert told['brand="beta",what="pending_line"'] == 0
    relay.drain(at=world.NOW)
    assert samples("newretail_oldest_seconds")['brand="acme",what="pending_line"'] == 0
    assert samples("newretail_oldest_seconds")['brand="acme",what="stale_day"'] > 0


def test_the_pulse_is_the_time_since_a_worker_was_woken(db):
    Redis.from_url(os.environ["REDIS_URL"]).delete(pulse.KEY)
    assert pulse.age(at=world.NOW) is None
    pulse.leave(at=world.NOW)
    assert pulse.age(at=world.NOW + timedelta(seconds=40)) == 40


def test_a_queue_that_is_down_is_told(db, monkeypatch):
    def refuse(*_given, **_more):
        raise NoQueue

    assert samples("newretail_queue_up") == {"": 1}
    monkeypatch.setattr(pulse, "_server", refuse)
    assert samples("newretail_queue_up") == {"": 0}


def test_a_database_that_is_down_is_told(db, monkeypatch):
    def refuse(*_given):
        raise OperationalError

    assert samples("newretail_database_up") == {"": 1}
    monkeypatch.setattr(metrics, "_ask_brands", refuse)
    assert samples("newretail_database_up") == {"": 0}


COUNT = """
import django
django.setup()
from newretail.platform.metrics import REQUESTS
REQUESTS.labels("acme", "home", "GET", "200").inc()
"""
TELL = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
found = CollectorRegistry()
MultiProcessCollector(found)
print(generate_latest(found).decode())
"""


@pytest.mark.parametrize("slots", [("0", "1", "0"), ("0", "0", "0")])
def test_processes_are_added_up_and_one_goes_on_with_the_counters_of_its_slot(tmp_path, slots):
    given = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for slot in slots:
        subprocess.run([sys.executable, "-c", COUNT], cwd=ROOT, env={**given, "NEWRETAIL_SLOT": slot}, check=True)
    told = subprocess.run([sys.executable, "-c", TELL], cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    assert re.search(r"newretail_requests_total\{.*\} (\S+)", told.stdout)[1] == "3.0"
    assert len(list(tmp_path.glob("counter_*.db"))) == len(set(slots))
