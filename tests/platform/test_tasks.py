"""Tasks run in the brand they were sent from, in a real worker on a real queue; the clock wakes every brand."""

from datetime import UTC, datetime

import pytest
import time_machine
from celery.contrib.testing.worker import start_worker
from django.db import connection

from newretail.celery import app
from newretail.kernel.actions import jobs
from newretail.kernel.jobs import perform_due, relay_lines
from newretail.kernel.models import JobRun, Pending, Receipt
from newretail.kernel.registry import TABLES
from newretail.platform.jobs import relay_brands, wake_brands
from newretail.platform.models import Brand
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = ["score_rfm", "move_lifecycle", "refresh_facts", "measure_retention"]
MORNING = datetime(2026, 6, 15, 0, 0, tzinfo=UTC)  # eight in Shanghai


@pytest.fixture
def brands(transactional_db):
    return {brand.code: brand for brand in Brand.objects.order_by("pk")}


@pytest.fixture
def queue(monkeypatch, worker_id):
    """A queue of this suite's own."""
    name = f"tests-{worker_id}"
    monkeypatch.setattr(app.conf, "task_default_queue", name)
    monkeypatch.setattr(app.amqp, "queues", app.amqp.Queues({}), raising=False)
    monkeypatch.setattr(app.amqp, "router", app.amqp.Router(), raising=False)
    with app.connection_for_write() as broker:
        broker.default_channel.queue_purge(name) if broker.default_channel._has_queue(name) else None
    return name
