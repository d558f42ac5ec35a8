"""Every figure of the boards opens the list behind it, and a list that is counted holds as many rows as the figure."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from stores.actions import targets
from stores.models import Post, Store
from stores.queries.chain import place_of
from tests import sights, world

STORE, REGION = "/stores/SH01/", "/regions/华东/"
PAGES = {
    "manager": [STORE, "/stores/SH01/weeks/2026-W24/", "/stores/SH01/weeks/2026-W25/"],
    "supervisor": [REGION, f"{REGION}?show=targets", f"{REGION}?sort=step"],
    "hq": ["/regions/", "/regions/?show=targets", "/regions/-/", "/regions/-/?show=targets", "/admin/",
           "/admin/stores/store/"],
}  # fmt: skip
FIGURES = {
    "hq-r",
    "hq-figure",
    "pg-big",
    "field-sales_shown",
    "field-orders_shown",
    "field-recruits_shown",
}  # the classes of elements that hold a figure
MOMENT = re.compile(r"\d\d-\d\d( \d\d:\d\d)?")  # when something was is no figure
VOID = {"meta", "link", "img", "input", "br", "rect", "progress", "option"}


class Figures(HTMLParser):
    """Figures of a page: their texts, each with the link it stands in (empty: none)."""

    def __init__(self, text):
        super().__init__()
        self.found, self._open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        said = data.strip()
        inside = [(tag, attrs.get("class") or "") for tag, attrs in self._open]
        is_figure = any(FIGURES & set(names.split()) for _tag, names in inside)
        is_plain = any(tag in {"small", "script", "thead", "option"} or "pg-plain" in names for tag, names in inside)
        if re.search(r"\d", said) and not MOMENT.fullmatch(said) and is_figure and not is_plain:
            links = [attrs.get("href", "") for tag, attrs in self._open if tag == "a"]
            self.found.append((said, links[-1] if links else ""))


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True, scope="module")
def _trade(long_trade):
    world.stores({"code": "XX01", "name": "无区域店"})
    world.people(
        {"member_no": "V3", "store_code": "SH01", "joined_at": "2026-06-12", "birthday": "1990-06-17"},
        {"member_no": "V4", "joined_at": "2026-06-13"},
        {"member_no": "V5", "store_code": "XX01", "joined_at": "2026-06-14"},
        {"member_no": "V6", "store_code": "SH01", "joined_at": "2026-01-14"},
    )
    world.buy(
        world.order("C1", "70", "2026-06-12T10:00:00", member_no="V3", store_code="SH01", staff_no="G1"),
        world.order("C2", "7", "2026-06-15T10:00:00", member_no="V1", store_code="SH01", staff_no="G1"),
        world.order("C3", "9", "2026-06-01T10:00:00", member_no="V5", store_code="XX01"),
        world.order("C4", "9", "2026-03-20T10:00:00", member_no="V6", store_code="SH01"),
    )
    world.lines({"order_no": "C1", "line_no": 1, "sku": "TEA", "quantity": 3, "amount": "70"})
    shop, post = Store.objects.get(code="SH01"), Post.objects.get(user__staff_no="G1")
    for metric, amount in (("sales", 600_00), ("recruits", 30)):
        amounts = {place_of(shop): amount, place_of(post): amount, place_of(Store.objects.get(code="XX01")): 10}
        targets.plan(draft=targets.Draft(date(2026, 6, 1), metric, amounts), at=world.NOW)
    sights.night()


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
def test_every_figure_of_a_page_opens_what_stands_behind_it(role, path):
    client = sights.browser(role)
    answer = client.get(path)
    assert answer.status_code == 200
    figures = Figures(sights.text(answer)).found
    assert figures
    assert [said for said, link in figures if not link] == []
    for link in {link for _said, link in figures if not link.startswith("#")}:
        assert client.get(link).status_code == 200, link


def rows_behind(client, link):
    """Count the rows of the list that a link opens, from its first page to its last."""
    answer = client.get(link)
    if "cl" in answer.context:
        return answer.context["cl"].queryset.count()
    assert answer.context["total"] == len(answer.context["rows"])
    return answer.context["total"]


@pytest.mark.parametrize("sort", ["orders", "recruits", "members", "lapsing"])
@pytest.mark.parametrize(("role", "path"), [("supervisor", REGION), ("hq", "/regions/"), ("hq", "/regions/-/")])
def test_a_count_of_places_side_by_side_is_the_number_of_rows_behind_it(role, path, sort):
    client = sights.browser(role)
    page = client.get(f"{path}?sort=-{sort}").context
    column = next(n for n, head in enumerate(page["heads"]) if head["sorted"])
    for cells in [*(row["cells"] for row in page["rows"]), page["total"]]:
        cell = cells[column]
        assert rows_behind(client, cell["link"]) == int(cell["figure"]), cell
    assert int(page["total"][column]["figure"]) > 0 or (path, sort) == ("/regions/-/", "lapsing")


def test_behind_a_repeat_rate_stand_those_who_bought_twice_there():
    hq = sights.browser("hq")
    page = hq.get("/regions/").context
    column = next(n for n, head in enumerate(page["heads"]) if "-repeat" in head["link"])
    links = {row["name"]: row["cells"][column]["link"] for row in page["rows"]}
    assert rows_behind(hq, links["华东"]) == 1
    assert rows_behind(hq, links["华南"]) == 0
    assert rows_behind(hq, page["total"][column]["link"]) == 1


def test_people_of_a_region_out_of_sight_are_hidden_from_a_supervisor():
    supervisor, hq = sights.browser("supervisor"), sights.browser("hq")
    own = supervisor.get("/regions/华东/people/buyers/")
    assert own.status_code == 200
    assert own.context["total"] == 3
    assert supervisor.get("/regions/people/buyers/").context["total"] == 3
    assert hq.get("/regions/people/buyers/").context["total"] == 5
    for path in ("/regions/华南/people/buyers/", "/regions/-/people/buyers/"):
        assert supervisor.get(path).status_code == 404
        assert hq.get(path).status_code == 200
    assert hq.get("/regions/people/nobody/").status_code == 404


def test_a_store_boards_counts_are_the_rows_behind_them():
    client = sights.browser("manager")
    page = client.get(STORE).context
    counted = [(bar.link, bar.figure) for name in ("care", "stages") for bar in page[name]]
    counted += [(guide["cells"][n]["link"], guide["cells"][n]["figure"]) for guide in page["guides"] for n in (2, 5)]
    assert sum(int(figure) for _link, figure in counted) > 5
    for link, figure in counted:
        assert rows_behind(client, link) == int(figure), link
