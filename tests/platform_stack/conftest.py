"""State folders and a running cluster for the proofs of the embedded stack."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from newretail.platform.database import Urls, provision
from newretail.platform.embedded import Cluster
from newretail.platform.trouble import LEAST_FREE

MEMORY = Path("/dev/shm")


def _folder() -> Path:
    """Make a folder that the unprivileged account can enter too, unlike pytest's own as root."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > LEAST_FREE * 4
    folder = Path(tempfile.mkdtemp(prefix="newretail-", dir=MEMORY if roomy else None))
    folder.chmod(0o755)
    return folder


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty state folder, with nothing given in the environment."""
    folder = _folder()
    monkeypatch.setenv("NEWRETAIL_HOME", str(folder))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DB_ROLE"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a running cluster that the tests of one module share."""
    folder = _folder()
    server = Cluster(folder, durable=False)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_cluster(home: Path) -> Iterator[Cluster]:
    """Give a running cluster for one test alone."""
    server = Cluster(home, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def urls(cluster: Cluster) -> Urls:
    """Give the two roles' addresses of a database in that cluster."""
    return provision(cluster.url, "shop", secrets=cluster.home / "secret")
