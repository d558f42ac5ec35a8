"""A store's board: its figures equal a hand count, it is seen by those whose store it is, its cost does not grow."""

import pytest
from django.test import Client

from analytics.queries import boards
from analytics.queries.alerts import alerts
from newretail.kernel import masking
from newretail.kernel.actions import settings as brand_settings
from stores.models import Store
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")


def today():
    """Two orders of members and one of nobody known at SH01 today, one on the same weekday a year earlier."""
    world.chain()
    world.buy(
        world.order("A1", "100.00", "2026-06-15T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A2", "50.00", "2026-06-15T11:00:00", member_no="V1", store_code="SH01", staff_no="G1"),
        world.order("A3", "30.00", "2026-06-15T11:30:00", store_code="SH01"),
        world.order("A4", "70.00", "2026-06-15T11:30:00", member_no="V2", store_code="GZ01"),
        world.order("B1", "40.00", "2025-06-16T10:00:00", member_no="V1", store_code="SH01"),
    )
    world.lines(
        {"order_no": "A1", "line_no": 1, "sku": "TEA", "quantity": 3, "amount": "90"},
        {"order_no": "A2", "line_no": 1, "sku": "NUT", "quantity": 2, "amount": "10"},
    )
    world.people({"member_no": "V1", "birthday": "1990-06-20"})
    world.staff({"staff_no": "G2", "name": "小丽", "store_code": "SH01", "role": "guide"})
    world.refund(
        {"refund_no": "R1", "order_no": "A2", "line_no": 0, "amount": "20.00", "refunded_at": "2026-06-15T11:40:00"}
    )
    sights.night()


def board():
    return boards.board(Store.objects.get(code="SH01"), at=world.NOW)


def test_the_day_equals_a_hand_count():
    today()
    found = board()
    assert (found.today.cents, found.today.orders, found.today.buyers) == (160_00, 3, 2)
    assert (found.today.per_buyer_cents, found.today.per_order_cents) == (80_00, 53_33)
    assert (found.today.upt, found.today.known_cents) == (2.5, 130_00)
    assert found.today_then
    assert found.today_then.cents == 40_00
    assert (found.month.cents, found.whole_month.cents) == (160_00, 0)
    assert (found.trend[-1].cents, found.trend[-1].then_cents) == (160_00, 40_00)


def test_the_guides_stand_by_sales_with_a_star_where_nobody_is_higher():
    today()
    world.people({"member_no": "V9", "store_code": "SH01", "joined_at": "2026-06-15T09:00:00"})
    world.buy(
        world.order("A8", "90", "2026-06-15T11:00:00", member_no="V9", store_code="SH01", staff_no="G2"),
        world.order("A1", "100", "2026-06-15T10:00:00", member_no="V1", store_code="SH01", staff_no="G1"),
    )
    sights.night()
    with masking.before(masking.Reader(sees_people=True)):
        first, second = board().guides
    assert (first.name, first.month.cents, first.month.recruits, sorted(first.best)) == ("小美", 130_00, 0, ["sales"])
    assert (second.name, second.month.recruit_rate, sorted(second.best)) == ("小丽", 1, ["aov", "recruits"])
    assert [row.name for row in board().guides] == ["G1", "G2"]  # for whoever may not see people


def test_the_best_sellers_are_those_with_most_units_but_for_what_went_back_whole():
    today()
    world.buy(world.order("A7", "9", "2026-06-14T10:00:00", store_code="SH01"))
    world.lines({"order_no": "A7", "line_no": 1, "sku": "NUT", "quantity": 99, "amount": "9"})
    world.refund({"refund_no": "R7", "order_no": "A7", "line_no": 1, "amount": "9", "refunded_at": "2026-06-15"})
    assert [(s.sku, s.units, s.cents) for s in board().sellers] == [("TEA", 3, 90_00), ("NUT", 2, 10_00)]


def test_a_store_recruits_until_it_passes_the_gate_all_or_any_as_the_brand_says():
    today()
    assert (board().stage.step, [m.missing for m in board().stage.gate]) == ("recruit", [1999, 800_000, 99])
    brand_settings.put(key="gate_members", value=1, at=world.NOW)
    assert board().stage.step == "recruit"
    brand_settings.put(key="gate_needs", value="any", at=world.NOW)
    assert (board().stage.step, board().stage.gate[0].need) == ("precise", 5)
    brand_settings.put(key="gate_refined_times", value=1, at=world.NOW)
    assert (board().stage.step, board().stage.gate) == ("refined", [])


def test_a_rule_that_holds_is_told_with_what_to_do_and_one_that_does_not_is_silent():
    today()
    world.buy(world.order("A7", "9", "2026-06-14T10:00:00", store_code="SH01"))
    sights.night()
    assert {alert.rule.code for alert in alerts(board())} == {"birthdays", "idle"}
    said = sights.text(sights.browser("manager").get("/stores/SH01/"))
    assert "近七天没有开单：小丽" in said
    assert "问问遇到什么困难" in said


def test_behind_each_count_of_people_stand_as_many_people():
    today()
    client = sights.browser("manager")
    page = client.get("/stores/SH01/")
    counted = [(bar.link, int(bar.figure)) for bar in page.context["care"]]
    assert [n for _link, n in counted] == [0, 0, 1]
    for link, number in counted:
        assert len(client.get(link).context["rows"]) == number
    assert len(client.get("/stores/SH01/people/buyers/?again=1").context["rows"]) == 1
    assert len(client.get("/stores/SH01/people/bought/?sku=TEA").context["rows"]) == 1
    assert len(client.get("/stores/SH01/people/moved/").context["rows"]) == 0


@pytest.mark.parametrize("path", ["nobody/", "moved/?from=nowhere", "bought/?sku=%00"])
def test_a_list_that_no_figure_has_is_not_there(path):
    today()
    assert sights.browser("manager").get(f"/stores/SH01/people/{path}").status_code == 404


def test_a_list_goes_on_where_the_page_before_ended():
    world.chain()
    world.people(*({"member_no": f"P{i}", "store_code": "SH01", "birthday": "1990-06-16"} for i in range(60)))
    client = sights.browser("manager")
    first = client.get("/stores/SH01/people/birthdays/")
    rest = client.get(f"/stores/SH01/people/birthdays/{first.context['more']}")
    seen = [row["member_no"] for page in (first, rest) for row in page.context["rows"]]
    assert sorted(seen) == sorted({f"P{i}" for i in range(60)})
    assert rest.context["more"] == ""


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
    [("manager", "/stores/SH01/"), ("supervisor", "/regions/华东/"), ("hq", "/admin/"), ("auditor", "/admin/")],
)
def test_a_person_lands_where_her_day_begins(role, lands):
    world.chain()
    client = sights.browser(role)
    for begin in ("/", "/admin/"):
        path = client.get(begin, follow=True).request["PATH_INFO"]
        assert path.encode("latin-1").decode() == lands


def test_a_guide_opens_no_board_and_no_list_of_stores():
    today()
    client = sights.browser("guide")
    assert [client.get(path).status_code for path in ("/stores/", "/stores/SH01/")] == [403, 403]


@pytest.mark.parametrize("path", ["/", "/stores/", "/stores/SH01/"])
def test_who_is_not_signed_in_is_asked_to_and_comes_back(path):
    world.chain()
    answer = Client(headers={"host": "localhost"}).get(path)
    assert answer["Location"] == f"/admin/login/?next={path}"


def test_every_figure_leads_to_the_list_behind_it():
    today()
    client = sights.browser("manager")
    page = client.get("/stores/SH01/").context
    links = {tile.link for tile in [*page["day_tiles"], *page["month_tiles"]]}
    links |= {bar.link for name in ("care", "stages", "sellers", "gate") for bar in page[name]}
    links |= {cell["link"] for guide in page["guides"] for cell in guide["cells"]} | set(
        page["charts"]["trend"]["links"]
    )
    links |= {warned.link for warned in page["warnings"] if not warned.link.startswith("#")}
    for link in links:
        assert client.get(link).status_code == 200, link


def test_the_board_asks_at_most_twelve_questions_whatever_the_size():
    today()
    client = sights.browser("manager")
    with sights.asked() as few:
        client.get("/stores/SH01/")
    world.people(*({"member_no": f"P{i}", "store_code": "SH01", "birthday": "1990-06-16"} for i in range(90)))
    world.buy(*(world.order(f"Q{i}", "5", "2026-06-14", member_no=f"P{i}", store_code="SH01") for i in range(90)))
    sights.night()
    with sights.asked() as many:
        client.get("/stores/SH01/")
    assert len(many) == len(few) <= sights.MOST_QUERIES


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
