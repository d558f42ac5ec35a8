"""A store's board: its figures equal a hand count, it is seen by those whose store it is, its cost does not grow."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.queries import boards
from stores.models import Store
from tests import sights, world

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")  # static files come from the finders
MOST_QUERIES = 12
NOT_COUNTED = ("search_path", "django_session", "axes_")


@pytest.fixture(autouse=True)
def _noon(brand):
    with time_machine.travel(world.NOW, tick=False):
        yield


def today():
    """Two orders of members and one of nobody known at SH01 today, one on the same weekday a year earlier."""
    world.chain()
    world.buy(
        world.order("A1", "100.00", "2026-06-15T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A2", "50.00", "2026-06-15T11:00:00", member_no="V1", store_code="SH01"),
        world.order("A3", "30.00", "2026-06-15T11:30:00", store_code="SH01"),
        world.order("A4", "70.00", "2026-06-15T11:30:00", member_no="V2", store_code="GZ01"),
        world.order("B1", "40.00", "2025-06-16T10:00:00", member_no="V1", store_code="SH01"),
    )
    world.refund(
        {"refund_no": "R1", "order_no": "A2", "line_no": 0, "amount": "20.00", "refunded_at": "2026-06-15T11:40:00"}
    )
    sights.night()


def told(queries):
    return [q["sql"] for q in queries if not any(word in q["sql"] for word in NOT_COUNTED)]


def test_the_day_equals_a_hand_count():
    today()
    found = boards.board(Store.objects.get(code="SH01"), today=sights.TODAY)
    assert (found.today.cents, found.today.orders, found.today.buyers) == (160_00, 3, 2)
    assert (found.today.per_buyer_cents, found.today.per_order_cents) == (80_00, 53_33)
    assert found.then
    assert found.then.cents == 40_00


def test_a_foreign_store_answers_like_one_that_is_not_there_while_her_own_opens():
    today()
    manager = sights.browser("manager")
    foreign, unknown = manager.get("/stores/GZ01/"), manager.get("/stores/NOWHERE/")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    own = manager.get("/stores/SH01/")
    assert own.status_code == 200
    assert "¥160" in sights.text(own)


@pytest.mark.parametrize(
    ("role", "lands"),
    [("manager", "/stores/SH01/"), ("supervisor", "/stores/SH01/"), ("hq", "/admin/"), ("auditor", "/admin/")],
)
def test_a_person_lands_where_her_day_begins(role, lands):
    world.chain()
    client = sights.browser(role)
    assert client.get("/", follow=True).request["PATH_INFO"] == lands
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == lands


def test_a_guide_is_told_that_no_store_is_hers_and_opens_none():
    today()
    client = sights.browser("guide")
    assert "你还看不到任何门店" in sights.text(client.get("/stores/"))
    assert client.get("/stores/SH01/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/stores/", "/stores/SH01/"])
def test_who_is_not_signed_in_is_asked_to_and_comes_back(path):
    world.chain()
    answer = Client(headers={"host": "localhost"}).get(path)
    assert answer["Location"] == f"/admin/login/?next={path}"


def test_every_figure_leads_to_the_list_behind_it():
    today()
    client = sights.browser("manager")
    for tile in client.get("/stores/SH01/").context["tiles"]:
        assert client.get(tile.link).status_code == 200


def test_the_board_asks_at_most_twelve_questions():
    today()
    client = sights.browser("manager")
    with CaptureQueriesContext(connection) as asked:
        client.get("/stores/SH01/")
    assert len(told(asked)) <= MOST_QUERIES


def test_the_pages_run_no_script_and_no_style_of_their_own():
    today()
    client = sights.browser("manager")
    for path in ("/stores/SH01/", "/stores/"):
        answer = client.get(path, follow=True)
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert " style=" not in sights.text(answer)


def test_the_pages_are_whole_in_both_languages():
    today()
    client = sights.browser("manager")
    assert "今日销售额" in sights.text(client.get("/stores/SH01/"))
    client.cookies["django_language"] = "en"
    english = sights.text(client.get("/stores/SH01/"))
    assert "Sales today" in english
    assert "今日销售额" not in english
