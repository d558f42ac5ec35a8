"""What is sent over the wire commits for real; each worker of the suite serves the product once, over its database."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from newretail.kernel import clock
from newretail.kernel.actions import keys
from tests import world
from tests.api.machines import ALL, account
from tests.http.served import Served, Till


@pytest.fixture(scope="session")
def serve(database_urls: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Serve an application over this worker's database; one that is served already is served on."""
    at_work: dict[str, Served] = {}

    def serve(application: str = "newretail.wsgi") -> Served:
        if application not in at_work:
            at_work[application] = Served(database_urls, tmp_path_factory.mktemp("site"), application)
        return at_work[application]

    yield serve
    for served in at_work.values():
        served.kill()


@pytest.fixture
def chain(transactional_db: None, brand: Any) -> Any:
    """The cast, at the brand acme."""
    world.chain()
    return brand


@pytest.fixture
def key(chain: Any) -> str:
    """A key to everything, for as many requests as may be."""
    return keys.issue(account=account(), rights=ALL, at=clock.now(), per_minute=keys.MOST_PER_MINUTE).text


@pytest.fixture
def till(serve: Callable[..., Served], key: str) -> Till:
    """A system that holds the key."""
    return Till(serve(), key)


@pytest.fixture
def weak(serve: Callable[..., Served], key: str) -> Till:
    """The same system, before the weakened site over the same database."""
    return Till(serve("tests.http.weakened"), key)
