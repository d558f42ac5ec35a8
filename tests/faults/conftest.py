"""What is killed commits for real: no test here runs inside a transaction of its own."""

import pytest

from tests.faults.site import Site


@pytest.fixture
def site(transactional_db, database_urls, tmp_path):
    return Site(database_urls, tmp_path / "home")
