"""A chain with a receiver, and an endpoint that leads to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from newretail.kernel import sending
from newretail.kernel.actions import endpoints, relay
from tests import world
from tests.webhooks import receiver


@pytest.fixture
def chain(noon: Any) -> None:
    world.chain()


@pytest.fixture
def listener() -> Iterator[receiver.Receiver]:
    with receiver.listening(receiver.Receiver()) as found:
        yield found


@pytest.fixture
def endpoint(chain: None, listener: receiver.Receiver) -> Any:
    """An endpoint that hears everything; its address leads to the receiver once the wire of the test is used."""
    return open_to(listener)


def open_to(listener: receiver.Receiver, *events: str) -> endpoints.Opened:
    """Open an endpoint, then let its address lead to a receiver on this machine."""
    from newretail.kernel.guard import writing
    from newretail.kernel.models import Endpoint

    opened = endpoints.add(url="https://hooks.example.com/in", events=events, at=world.NOW, by=None)
    with writing("tests"):
        Endpoint.objects.filter(pk=opened.endpoint.pk).update(url=listener.url)
    opened.endpoint.refresh_from_db()
    return opened


@pytest.fixture
def deliver() -> Any:
    """Carry the lines that were written, and send what they tell."""

    def act(**more: Any) -> int:
        from newretail.kernel import clock

        relay.drain(at=clock.now())
        return sending.deliver(receiver.wire(**more))

    return act
