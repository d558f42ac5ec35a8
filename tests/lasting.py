"""A world that lasts for a module: what each test does in it is undone after the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import time_machine
from django.db import connection, transaction

from newretail.platform.models import Brand
from tests import world
from tests.laws import prepared


@contextmanager
def at_noon(blocker: Any) -> Iterator[None]:
    """The brand acme at `world.NOW` for as long as a module's tests run; its books agree when they have run."""
    with blocker.unblock(), time_machine.travel(world.NOW, tick=False), transaction.atomic():
        brand = Brand.objects.get(code="acme")
        connection.set_tenant(brand)
        yield
        connection.set_tenant(brand)
        assert prepared.broken() == []
        transaction.set_rollback(True)
        connection.set_schema_to_public()


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
