"""Tasks run in the brand they were sent from, in a real worker on a real queue; the clock wakes every brand."""

import os
from datetime import UTC, datetime
from queue import Queue
from uuid import uuid4

import pytest
import time_machine
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from django.db import connection
from kombu import pools

from newretail.celery import app
from newretail.kernel.actions import jobs, journal
from newretail.kernel.jobs import perform_due, relay_lines
from newretail.kernel.models import JobRun, Pending, Receipt
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import NoBrand, verb
from newretail.platform.jobs import relay_brands, sweep_brands, wake_brands
from newretail.platform.models import Brand
from newretail.platform.stack import WORKERS
from newretail.settings.base import NIGHT_JOBS, NIGHT_ONLY

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = [name for name, _ in NIGHT_JOBS if name not in NIGHT_ONLY]
MORNING = datetime(2026, 6, 15, 0, 0, tzinfo=UTC)  # eight in Shanghai
LINE, HANDLER = "tests.thing.done", "tests.hear"


@pytest.fixture
def brands(transactional_db):
    return {brand.code: brand for brand in Brand.objects.order_by("pk")}


def point(**settings):
    """Point Celery at a broker and a queue; give where it pointed before."""
    before = {name: app.conf[name] for name in settings}
    pools.reset()
    app.conf.update(settings)
    app._pool = app.amqp._producer_pool = None
    for part in ("queues", "router"):
        app.amqp.__dict__.pop(part, None)
    return before


@pytest.fixture
def queue():
    """A queue of this test's own on the suite's Valkey."""
    before = point(broker_url=os.environ["REDIS_URL"], task_default_queue=f"tests-{uuid4().hex}", task_queues=None,
                   task_routes=None)  # fmt: skip
    yield
    point(**before)


@pytest.fixture
def finished(queue):
    """The tasks that the worker has finished, one by one."""
    told = Queue()

    def tell(task, **_):
        told.put(task.name)

    task_postrun.connect(tell, weak=False)
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield lambda: told.get(timeout=30)
    task_postrun.disconnect(tell)


@pytest.fixture
def done(monkeypatch):
    """The night's jobs only say in which brand they were done."""
    told = []
    for name in NIGHT:
        act = lambda run, _as_of: told.append((connection.schema_name, run.name)) or {}  # noqa: E731
        monkeypatch.setitem(TABLES.jobs, name, act)
    return told


def runs(brand):
    with brand:
        return list(JobRun.objects.order_by("id").values_list("name", "state"))


def test_a_task_sent_inside_a_brand_works_in_that_brand_only(brands, done, finished):
    with time_machine.travel(MORNING), brands["acme"]:
        perform_due.delay()
    assert finished() == "kernel.perform_due"
    assert sorted(name for name, _ in runs(brands["acme"])) == sorted(NIGHT)
    assert {code for code, _ in done} == {"acme"}
    assert runs(brands["beta"]) == []


def test_tasks_of_two_brands_one_after_another_keep_apart(brands, done, finished):
    for code in ("beta", "acme", "beta"):
        with brands[code]:
            perform_due.delay()
    assert [finished() for _ in range(3)] == ["kernel.perform_due"] * 3
    assert sorted(done) == sorted((code, name) for code in ("acme", "beta") for name in NIGHT)
    assert runs(brands["acme"]) == runs(brands["beta"])


def test_the_clock_wakes_every_brand(brands, done, finished):
    connection.set_schema_to_public()
    wake_brands.delay()
    assert [finished() for _ in range(3)] == ["platform.wake_brands", *["kernel.perform_due"] * 2]
    assert {code for code, _ in done} == {"acme", "beta"}


def test_what_is_queued_is_performed_as_soon_as_a_worker_is_woken(brands, done, finished):
    with brands["beta"]:
        jobs.queue(name="score_rfm", at=MORNING)
    assert finished() == "kernel.perform_queued"
    assert done == [("beta", "score_rfm")]
    assert runs(brands["beta"]) == [("score_rfm", "done")]


def test_what_was_queued_without_a_wake_is_found_by_the_minutes_sweep(brands, done, finished, monkeypatch):
    monkeypatch.setattr(jobs, "_wake", lambda _schema: None)
    with brands["acme"]:
        jobs.queue(name="score_rfm", at=MORNING)
    connection.set_schema_to_public()
    sweep_brands.delay()
    assert [finished() for _ in range(3)] == ["platform.sweep_brands", *["kernel.perform_queued"] * 2]
    assert done == [("acme", "score_rfm")]


def test_without_redis_a_run_is_queued_all_the_same(brands, done):
    before = point(broker_url="redis://127.0.0.1:1/0")
    with brands["acme"]:
        run = jobs.queue(name="score_rfm", at=MORNING)
    point(**before)
    assert runs(brands["acme"]) == [("score_rfm", "waiting")]
    assert run.queued_at == MORNING


def test_each_lane_has_a_queue_and_its_tasks_go_there():
    lanes = {name: app.amqp.router.route({}, name)["queue"].name for name in
             ("kernel.perform_due", "kernel.perform_queued", "platform.sweep_brands", "kernel.relay_lines")}  # fmt: skip
    assert lanes == {"kernel.perform_due": "celery", "kernel.perform_queued": "queued",
                     "platform.sweep_brands": "queued", "kernel.relay_lines": "celery"}  # fmt: skip
    assert set(app.amqp.queues.consume_from) == {lane for lane, _ in WORKERS.values()}


@verb
def tell(subject):
    """Write a line."""
    return journal.write(LINE, at=MORNING, subject=subject)


def test_the_relay_of_every_brand_carries_its_own_lines(brands, finished, monkeypatch):
    heard = []
    monkeypatch.setitem(TABLES.handlers, HANDLER, lambda entry: heard.append((connection.schema_name, entry.subject)))
    monkeypatch.setitem(TABLES.hears, LINE, [HANDLER])
    for code, brand in brands.items():
        with brand:
            tell(f"of {code}")
    connection.set_schema_to_public()
    relay_brands.delay()
    assert [finished() for _ in range(3)] == ["platform.relay_brands", *["kernel.relay_lines"] * 2]
    assert sorted(heard) == [("acme", "of acme"), ("beta", "of beta")]


@pytest.mark.parametrize("code", ["acme", "beta"])
def test_a_task_applied_in_place_works_in_the_brand_at_work(brands, done, code):
    with brands[code]:
        assert perform_due.apply().get() == len(NIGHT)
        assert connection.schema_name == code
    assert {brand for brand, _ in done} == {code}


def test_a_task_told_its_brand_works_there_and_comes_back(brands, monkeypatch):
    monkeypatch.setitem(TABLES.handlers, HANDLER, lambda entry: None)
    monkeypatch.setitem(TABLES.hears, LINE, [HANDLER])
    with brands["beta"]:
        tell("one")
    connection.set_schema_to_public()
    assert relay_lines.apply(headers={"_schema_name": "beta"}).get() == 1
    assert connection.schema_name == "public"
    with brands["beta"]:
        assert (Receipt.objects.count(), Pending.objects.count()) == (1, 0)


def test_a_task_sent_outside_every_brand_writes_nothing(brands, done):
    connection.set_schema_to_public()
    with pytest.raises(NoBrand):
        perform_due.apply().get()
    assert done == []
