"""What a monitor reads: counters of the web processes, and how each brand's work stands, asked of the database."""

import os
from collections.abc import Iterator

from django.conf import settings
from django.db import Error
from django_tenants.utils import get_public_schema_name, schema_context
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError

from newretail.kernel import clock, vitals
from newretail.platform import pulse
from newretail.platform.models import Brand

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name; set by newretail/gunicorn.py
SLOT = "NEWRETAIL_SLOT"  # which of the web processes this one is
CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

if os.environ.get(FOLDER):
    # A slot is taken over by the process that follows in it: files are as many as processes at once, not as ever were.
    values.ValueClass = values.MultiProcessValue(lambda: os.environ.get(SLOT) or str(os.getpid()))  # type: ignore[no-untyped-call]

OURS = CollectorRegistry()
REQUESTS = Counter(
    "newretail_requests", "Requests answered.", ["brand", "route", "method", "status"], registry=OURS
)  # fmt: skip
LATENCY = Histogram("newretail_request_seconds", "Time to answer.", ["route"], buckets=BUCKETS, registry=OURS)
QUERIES = Counter("newretail_queries", "Statements sent to the database.", ["brand", "route"], registry=OURS)
QUERY_SECONDS = Counter("newretail_query_seconds", "Time the database took.", ["brand", "route"], registry=OURS)


class Standing(Collector):
    """How the work stands: jobs by state, how long the oldest thing waits, whether queue and workers live."""

    def collect(self) -> Iterator[Metric]:
        """Ask the database brand by brand, and the queue."""
        runs = GaugeMetricFamily(
            "newretail_job_runs",
            "Job runs that wait or run, and those that ended within a day.",
            labels=["brand", "job", "state"],
        )
        done = GaugeMetricFamily(
            "newretail_job_done_age_seconds", "Time since the job last succeeded.", labels=["brand", "job"]
        )
        oldest = GaugeMetricFamily(
            "newretail_oldest_seconds",
            "How long the oldest waits that should be gone soon; 0: none waits.",
            labels=["brand", "what"],
        )
        up = GaugeMetricFamily("newretail_database_up", "1 while the database answers.")
        try:
            _ask_brands(runs, done, oldest)
            up.add_metric([], 1)
        except Error:
            up.add_metric([], 0)
        yield from (runs, done, oldest, up)
        yield from _queue()


def _ask_brands(runs: GaugeMetricFamily, done: GaugeMetricFamily, oldest: GaugeMetricFamily) -> None:
    at = clock.now()
    with schema_context(get_public_schema_name()):
        brands = list(Brand.objects.order_by("pk"))
    for brand in brands:
        with brand:
            found = vitals.read(at=at)
        for (job, state), count in found.runs.items():
            runs.add_metric([brand.code, job, state], count)
        for job, seconds in found.done.items():
            done.add_metric([brand.code, job], seconds)
        for what, seconds in found.oldest.items():
            oldest.add_metric([brand.code, what], seconds)


def _queue() -> Iterator[Metric]:
    up = GaugeMetricFamily("newretail_queue_up", "1 while Redis or Valkey answers.")
    try:
        waiting, age = pulse.waiting(), pulse.age(at=clock.now())
    except RedisError:
        up.add_metric([], 0)
        yield up
        return
    up.add_metric([], 1)
    yield up
    messages = GaugeMetricFamily("newretail_queue_messages", "Messages that no worker has taken yet.", labels=["lane"])
    for lane, count in waiting.items():
        messages.add_metric([lane], count)
    yield messages
    if age is not None:
        yield GaugeMetricFamily("newretail_worker_pulse_age_seconds", "Time since a worker was last woken.", value=age)


def exposition() -> bytes:
    """Give everything in Prometheus' text format."""
    counted = OURS
    if os.environ.get(FOLDER):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    standing = CollectorRegistry()
    standing.register(Standing())
    return generate_latest(counted) + generate_latest(standing)


def may_read(*, address: str, forwarded: bool, authorization: str) -> bool:
    """Say who may read: the bearer of METRICS_TOKEN; without a token a caller on this very machine, where allowed."""
    if settings.METRICS_TOKEN:
        return pulse.same(authorization, f"Bearer {settings.METRICS_TOKEN}")
    return settings.METRICS_ON_LOOPBACK and address in ("127.0.0.1", "::1") and not forwarded
