"""Brand acme sees nothing of brand beta, and the other way round, at any address."""

import pytest
import time_machine
from django.db import connection

from analytics.actions import facts, scores
from newretail.kernel.actions import imports, relay
from newretail.kernel.actions import jobs as kernel_jobs
from newretail.kernel.actions import settings as brand_settings
from tests import world
from tests.platform import visits


def plant(canary):
    """Leave a word wherever a brand keeps words."""
    world.stores({"code": f"{canary}S", "name": f"{canary}店", "region": f"{canary}区", "city": f"{canary}城"})
    world.products({"sku": f"{canary}P", "name": f"{canary}茶", "category": f"{canary}类", "price": "1"})
    world.staff({"staff_no": f"{canary}M", "name": f"{canary}长", "store_code": f"{canary}S", "role": "manager"})
    world.people({"member_no": f"{canary}V", "name": f"{canary}妹", "phone": "13800000001", "tags": f"{canary}客",
                  "store_code": f"{canary}S", "source": canary, "joined_at": "2026-06-01"})  # fmt: skip
    world.buy(world.order(f"{canary}A", "9.90", "2026-06-10", member_no=f"{canary}V", store_code=f"{canary}S",
                          channel=f"{canary}道", scene=f"{canary}景"))  # fmt: skip
    imports.begin(kind="orders", file_name=f"{canary}.csv", digest="d", enrol=False, chunk_rows=9, at=world.NOW)
    kernel_jobs.enter(name="score_rfm", as_of=world.NOW.date(), at=world.NOW, params={"note": canary})
    brand_settings.put(key="new_days", value=77, at=world.NOW)
    relay.drain(at=world.NOW)
    scores.move_lifecycle(as_of=world.NOW.date(), at=world.NOW)
    facts.refresh_stale(at=world.NOW)


@pytest.fixture
def both(brand, other_brand):
    with time_machine.travel(world.NOW, tick=False):
        plant("Acmebird")
        with other_brand:
            world.buy(*(world.order(f"extra {i}", "1", "2026-06-09") for i in range(3)))  # keys that acme has not
            plant("Betabird")
        yield {"acme": brand, "beta": other_brand}


def known_keys(both):
    found = {}
    for brand in both.values():
        with brand:
            for noun, keys in visits.keys().items():
                found.setdefault(noun, set()).update(keys)
    return found


@pytest.mark.parametrize(
    ("code", "own", "foreign"), [("acme", "Acmebird", "Betabird"), ("beta", "Betabird", "Acmebird")]
)
def test_no_address_of_a_brand_shows_a_word_of_another(both, code, own, foreign):
    client = visits.browser(both[code])
    client.raise_request_exception = False
    shown = {path: visits.answer(client, path) for path in visits.addresses(known_keys(both))}
    assert [path for path, text in shown.items() if foreign in text] == []
    assert [path for path, text in shown.items() if text.startswith("5")] == []
    assert len([path for path, text in shown.items() if own in text]) >= 8  # the walk does see words


def test_a_search_for_a_word_of_another_brand_finds_nothing(both):
    client = visits.browser(both["acme"])
    pages = [f"/admin/{path}/?q=" for path in ("members/member", "members/order", "stores/store")]
    assert all("Betabird店" not in visits.answer(client, page + "Betabird") for page in pages)
    assert all("Acmebird" in visits.answer(client, page + "Acmebird") for page in pages)


def test_who_is_signed_in_at_one_brand_is_a_stranger_at_the_other(both):
    client = visits.browser(both["acme"])
    assert client.get("/admin/").status_code == 200
    elsewhere = client.get("/admin/", headers={"host": "second.localhost"})
    assert elsewhere.status_code == 302
    assert elsewhere["Location"].startswith("/admin/login/")


def test_the_same_name_and_password_open_one_brand_only(brand, other_brand, client):
    visits.superuser(brand)
    given = {"username": "root", "password": "a-long-password-1"}
    hosts = ("second.localhost", "localhost")
    answers = [client.post("/admin/login/", given, headers={"host": host}).status_code for host in hosts]
    assert answers == [200, 302]  # 200: the form once more


def test_the_two_brands_stand_in_schemas_of_their_own(both):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM acme.members_order WHERE order_no LIKE 'Beta%%'")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT count(*) FROM beta.members_order WHERE order_no LIKE 'Beta%%'")
        assert cursor.fetchone()[0] == 1
