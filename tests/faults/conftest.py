"""What is killed commits for real: no test here runs inside a transaction of its own."""

import shutil

import pytest

from tests.faults.site import LoadedSite


@pytest.fixture(scope="session")
def loaded(database_urls, tmp_path_factory):
    site = LoadedSite(database_urls, tmp_path_factory.mktemp("home"))
    yield site
    site.close()


@pytest.fixture
def site(transactional_db, loaded):
    yield loaded
    shutil.rmtree(loaded.home)
    loaded.home.mkdir()
