"""Keys by command: issued once, renewed, revoked, listed without their secrets."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from newretail.kernel.models import ApiKey
from newretail.platform.models import Brand
from stores.models import Post
from tests import sights, world
from tests.api.machines import client


@pytest.fixture(autouse=True)
def chain(brand):
    world.chain()


def run(*words: str) -> dict:
    out = StringIO()
    call_command("api_key", *words, "--brand", "acme", stdout=out)
    connection.set_tenant(Brand.objects.get(code="acme"))
    return json.loads(out.getvalue().splitlines()[-1])


def test_a_key_is_issued_renewed_and_revoked():
    issued = run("pos", "--right", "orders:view")
    assert client(issued["key"]).get("/api/v1/orders").status_code == 200
    successor = run("--renew", issued["prefix"])
    assert run("--revoke", issued["prefix"]) == {"revoked": issued["prefix"]}
    assert client(issued["key"]).get("/api/v1/orders").status_code == 401
    assert client(successor["key"]).get("/api/v1/orders").status_code == 200
    listed = run()
    assert [each["account"] for each in listed["keys"]] == ["pos", "pos"]
    assert issued["key"].rpartition("_")[2] not in json.dumps(listed)


def test_a_system_of_a_store_is_confined_to_it():
    run("till", "--store", "GZ01")
    assert Post.objects.get(user__username="till").store.code == "GZ01"


def test_what_is_not_there_or_taken_is_refused_and_nothing_is_issued():
    sights.person("hq")
    for words in (("hq",), ("pos", "--store", "XX"), ("--revoke", "0" * 12)):
        with pytest.raises(CommandError) as refused:
            run(*words)
        assert refused.value.returncode == 2
        assert " / " in str(refused.value)
    assert not ApiKey.objects.exists()
    assert not Post.objects.filter(role="integrator").exists()
