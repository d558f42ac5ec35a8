"""How guides serve, side by side: figures equal a hand count, each sees her own places, the cost does not grow."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from analytics.actions import facts
from analytics.queries import service as service_lines
from newretail.kernel.actions import relay
from newretail.kernel.models import JournalEntry
from tests import moments, serving, sights, world
from tests.members import consenting

pytestmark = pytest.mark.usefixtures("noon")
DAY = timedelta(days=1)


def service():
    """小美: one task done on time, one late, one overdue, one with time; 阿强 of Guangzhou: one done on time."""
    serving.shops()
    consenting.texts()
    consenting.say(*(consenting.row(no, channel="wecom", purpose="care", decision="given") for no in ("V1", "V2")))
    early = world.NOW - 4 * DAY
    given = [
        serving.give("V1", "G1", f"t:{n}", at=early, due=due) for n, due in enumerate((DAY, DAY, 2 * DAY, 5 * DAY))
    ]
    serving.complete(given[0], at=early + DAY)
    serving.complete(given[1], "unreachable", at=early + 2 * DAY)
    serving.complete(serving.give("V2", "G9", "t:9", at=early), at=early)
    world.buy(world.order("A1", "100", "2026-06-13T10:00:00", member_no="V1", store_code="SH01", staff_no="G1"))
    count()


def count():
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)


def shown(client, path):
    """The cells of each row, by name."""
    rows = client.get(path).context["rows"]
    return {row["name"]: [cell["figure"] for cell in row["cells"]] for row in rows}


def test_figures_of_guides_equal_what_they_were_given_and_did():
    service()
    found = shown(sights.browser("manager"), "/stores/SH01/guides/?span=month")
    assert found["小美"] == ["2", "1", "2", "33.3%", "1", "1", "—", "0", "0", "1", "¥100"]
    assert found["小丽"] == ["0", "0", "0", "—", "0", "0", "—", "0", "0", "0", "¥0"]
    assert "阿强" not in found


def test_stores_and_regions_are_the_sums_of_their_guides():
    service()
    client = sights.browser("hq")
    of_all = shown(client, "/regions/guides/?span=month")
    assert of_all["华东"] == ["2", "1", "2", "33.3%", "1", "1", "—", "0", "0", "1", "¥100"]
    assert of_all["华南"][:5] == ["0", "0", "1", "100.0%", "1"]
    assert of_all["华东"] == next(iter(shown(client, "/regions/华东/guides/?span=month").values()))


def test_how_far_the_plan_of_moments_is_kept_stands_beside_what_guides_did():
    service()
    moments.stocked()
    moments.propose()
    moments.record(moments.slot(1), at=world.NOW)
    assert shown(sights.browser("manager"), "/stores/SH01/guides/")["小美"][6] == "100.0%"
    assert shown(sights.browser("supervisor"), "/regions/华东/guides/")["上海南京西路店"][6] == "100.0%"
    line = "\n".join(sights.text(sights.browser("hq").get("/stores/SH01/guides/export/")).splitlines())
    assert "moments_planned,moments_posted,moments_in_time" in line


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("manager", "/stores/SH01/guides/", 200), ("manager", "/stores/GZ01/guides/", 404),
        ("manager", "/regions/guides/", 403), ("manager", "/regions/华东/guides/export/", 403),
        ("supervisor", "/regions/华东/guides/", 200), ("supervisor", "/regions/华南/guides/", 404),
        ("supervisor", "/stores/GZ01/guides/export/", 404), ("guide", "/stores/SH01/guides/", 403),
        ("guide", "/stores/SH01/guides/export/", 403),
    ],
)  # fmt: skip
def test_each_sees_the_guides_of_her_own_places(role, path, status):
    service()
    assert sights.browser(role).get(path).status_code == status


def test_a_supervisor_of_one_region_goes_straight_to_its_stores():
    service()
    answer = sights.browser("supervisor").get("/regions/guides/")
    assert answer.status_code == 302
    assert sights.browser("hq").get(answer["Location"]).context["place"].title == "华东"


@pytest.mark.parametrize("sort", ["name", "-open", "-share", "sales", "", "-no such figure"])
def test_a_heading_sorts_and_what_is_none_sorts_as_usual(sort):
    service()
    page = sights.browser("manager").get("/stores/SH01/guides/", {"sort": sort, "span": "month"})
    assert [row["name"] for row in page.context["rows"]] == (["小丽", "小美"] if sort == "sales" else ["小美", "小丽"])


def test_the_file_says_what_the_page_shows_and_the_journal_who_took_it():
    service()
    client: Client = sights.browser("manager")
    answer = client.get("/stores/SH01/guides/export/?span=month")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    mine = next(row for row in rows if row["code"] == "G1")
    assert (mine["open"], mine["overdue"], mine["due"], mine["on_time"], mine["sales"]) == (
        "2",
        "1",
        "3",
        "1",
        "100.00",
    )
    assert JournalEntry.objects.filter(name="kernel.export.taken").latest("pk").facts["rows"] == len(rows) == 2
    assert b"".join(client.get("/stores/SH01/guides/export/?format=xlsx").streaming_content)[:2] == b"PK"


def test_the_board_shows_the_week_of_each_guide():
    service()
    page = sights.browser("manager").get("/stores/SH01/")
    line = next(line for line in page.context["board"].service if line.code == "G1")
    assert (line.open, line.overdue) == (2, 1)
    assert "导购工作" in sights.text(page)


def test_many_guides_are_read_page_by_page_each_once_in_the_order_asked_for():
    serving.shops()
    new = [{"staff_no": f"N{i:03}", "name": f"新{i}", "store_code": "SH01", "role": "guide"} for i in range(110)]
    world.staff(*new)
    for i in range(60):
        serving.give("V1", f"N{i:03}", f"m:{i}")
    client, link, names, sums = sights.browser("manager"), "?sort=-open", [], set()
    while link:
        page = client.get(f"/stores/SH01/guides/{link}")
        rows, link = page.context["rows"], page.context["more"]
        assert len(rows) <= service_lines.SHOWN
        names += [(int(row["cells"][0]["figure"]), row["name"]) for row in rows]
        sums.add(page.context["total"][0]["figure"])
    assert len(names) == len(set(names)) == 112
    assert [n for n, _name in names] == [1] * 60 + [0] * 52
    assert sums == {"60"}


@pytest.mark.parametrize("after", ["", "no such guide", "\0"])
def test_behind_nobody_the_list_begins_anew(after):
    service()
    assert len(sights.browser("manager").get("/stores/SH01/guides/", {"after": after}).context["rows"]) == 2


def test_the_pages_ask_at_most_twelve_questions_whatever_the_size():
    service()
    manager, hq = sights.browser("manager"), sights.browser("hq")
    clients = [(manager, "/stores/SH01/guides/"), (hq, "/regions/guides/"), (hq, "/regions/华东/guides/")]

    def asked(client, path):
        with sights.asked() as questions:
            assert client.get(path).status_code == 200
        return len(questions)

    few = [asked(*each) for each in clients]
    assert max(few) <= sights.MOST_QUERIES
    world.staff(*({"staff_no": f"N{i}", "name": f"新{i}", "store_code": "SH01", "role": "guide"} for i in range(30)))
    for i in range(30):
        serving.give("V1", f"N{i}", f"m:{i}")
    count()
    assert [asked(*each) for each in clients] == few
