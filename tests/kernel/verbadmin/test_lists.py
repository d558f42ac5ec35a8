"""Lists of the HQ admin: each within sight, at a bounded cost, paged by key, and never a way to write."""

import pytest
from django.contrib import admin

from members.models import Member, Order
from newretail.kernel.actions import imports
from newretail.kernel.files.outcome import Outcome, RowRefusal
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import ImportFile
from newretail.kernel.verbadmin import VerbAdmin
from stores.models import Store
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")
PLACES = ("members/member", "members/order", "stores/store", "stores/product")
MACHINE_ROOM = ("kernel/importfile", "kernel/jobrun", "kernel/journalentry")


def crowd(count):
    """As many more members and orders."""
    world.people(*({"member_no": f"P{i:03}", "name": "周周", "store_code": "SH01", "joined_at": "2026-05-01"}
                   for i in range(count)))  # fmt: skip
    world.buy(*(world.order(f"P{i:03}", "9.90", "2026-05-02T08:00:00", member_no=f"P{i:03}", store_code="SH01")
                for i in range(count)))  # fmt: skip


def cost(client, path):
    with sights.asked() as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("noun", [*PLACES, *MACHINE_ROOM])
def test_a_list_asks_at_most_twelve_questions_whatever_the_size(noun):
    sights.night()
    client = sights.browser("hq")
    few = cost(client, f"/admin/{noun}/")
    crowd(120)
    sights.night()
    assert cost(client, f"/admin/{noun}/") == few <= sights.MOST_QUERIES


@pytest.mark.parametrize("role", ["hq", "supervisor", "manager"])
@pytest.mark.parametrize("noun", ["members/member", "members/order", "stores/store", "stores/product"])
def test_a_page_asks_at_most_twelve_questions_for_each_role(role, noun):
    sights.night()
    client = sights.browser(role)
    row = client.get(f"/admin/{noun}/").context["cl"].result_list[0]
    assert cost(client, f"/admin/{noun}/") <= sights.MOST_QUERIES
    assert cost(client, f"/admin/{noun}/{row.pk}/change/") <= sights.MOST_QUERIES


def listed(role, noun):
    return {str(row) for row in sights.browser(role).get(f"/admin/{noun}/").context["cl"].result_list}


@pytest.mark.parametrize("role", ["manager", "supervisor"])
def test_a_person_lists_only_what_stands_in_her_stores_while_hq_lists_all(role):
    assert listed(role, "members/member") == {"张三"}
    assert listed(role, "members/order") == {"A1", "A2", "B1", "B2"}
    assert listed(role, "stores/store") == {"上海南京西路店"}
    assert listed("hq", "members/member") == {"张三", "李四"}
    assert listed("hq", "members/order") == {"A1", "A2", "A3", "A4", "B1", "B2"}
    assert listed("hq", "stores/store") == {"上海南京西路店", "广州天河店"}


@pytest.mark.parametrize("noun", MACHINE_ROOM)
def test_the_machine_room_is_open_to_hq_alone(noun):
    assert sights.browser("manager").get(f"/admin/{noun}/").status_code == 403
    assert sights.browser("supervisor").get(f"/admin/{noun}/").status_code == 403
    assert sights.browser("hq").get(f"/admin/{noun}/").status_code == 200


@pytest.mark.parametrize("noun", PLACES)
def test_a_guide_does_not_enter_while_a_manager_does(noun):
    assert sights.browser("guide").get(f"/admin/{noun}/").status_code == 403
    assert sights.browser("manager").get(f"/admin/{noun}/").status_code == 200


def test_a_person_who_lost_her_post_sees_nothing_from_the_next_request():
    client = sights.browser("manager")
    assert client.get("/admin/members/member/").status_code == 200
    sights.dismiss("manager")
    turned_away = client.get("/admin/members/member/")
    assert (turned_away.status_code, turned_away.url.split("?")[0]) == (302, "/admin/login/")


def test_filters_offer_only_what_stands_within_sight():
    def offered(role):
        specs = sights.browser(role).get("/admin/members/member/").context["cl"].filter_specs
        return {str(s.title): [label for _, label in s.lookup_choices] for s in specs if hasattr(s, "lookup_choices")}

    manager, hq = offered("manager"), offered("hq")
    assert manager["归属门店"] == ["上海南京西路店"]
    assert manager["区域"] == ["华东"]
    assert hq["归属门店"] == ["上海南京西路店", "广州天河店", "没有归属门店"]
    assert hq["区域"] == ["华东", "华南", "无区域"]


def test_a_store_out_of_sight_in_the_address_lists_nothing_while_hq_lists_it():
    away = Store.objects.get(code="GZ01").pk
    assert not sights.browser("manager").get(f"/admin/members/order/?store={away}").context["cl"].result_list
    assert sights.browser("hq").get(f"/admin/members/order/?store={away}").context["cl"].result_list


def test_what_is_out_of_sight_answers_as_what_does_not_exist():
    away, here = Member.objects.get(member_no="V2").pk, Member.objects.get(member_no="V1").pk
    client = sights.browser("manager")
    hidden = client.get(f"/admin/members/member/{away}/change/")
    absent = client.get("/admin/members/member/999999999/change/")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.content == absent.content
    assert client.get(f"/admin/members/member/{here}/change/").status_code == 200


@pytest.mark.parametrize("noun", [*PLACES, *MACHINE_ROOM])
def test_nothing_is_added_changed_or_deleted_even_by_hq(noun):
    sights.night()
    client = sights.browser("hq")
    answer = client.get(f"/admin/{noun}/")
    rows = answer.context["cl"].result_list
    assert client.get(f"/admin/{noun}/add/").status_code == 404
    for row in rows[:1]:
        assert client.post(f"/admin/{noun}/{row.pk}/delete/", {"post": "yes"}).status_code in (403, 404)
        client.post(f"/admin/{noun}/{row.pk}/change/", {"name": "x", "order_no": "x"})
        assert type(row).objects.get(pk=row.pk) == row
        assert str(type(row).objects.get(pk=row.pk)) == str(row)


def test_nothing_stands_on_the_site_whose_forms_could_write():
    assert {type(shown) for shown in admin.site._registry.values() if not isinstance(shown, VerbAdmin)} == set()


def walk(client, path):
    pages, url = [], path
    while url:
        found = client.get(url).context["cl"]
        pages.append([row.pk for row in found.result_list])
        url = path + found.after_url if found.after_url else ""
    return pages


@pytest.mark.parametrize("noun", ["members/member", "members/order"])
def test_pages_hold_every_row_once_in_order_and_lead_back(noun):
    crowd(120)
    client = sights.browser("hq")
    pages = walk(client, f"/admin/{noun}/")
    whole = [pk for page in pages for pk in page]
    model = {"members/member": Member, "members/order": Order}[noun]
    key = ("-seat",) if model is Member else ("-paid_at", "-id")
    assert [len(page) for page in pages[:2]] == [50, 50]
    assert whole == list(model.objects.order_by(*key).values_list("pk", flat=True))
    second = client.get(f"/admin/{noun}/{client.get(f'/admin/{noun}/').context['cl'].after_url}").context["cl"]
    assert [row.pk for row in second.result_list] == pages[1]
    first = client.get(f"/admin/{noun}/{second.before_url}").context["cl"]
    assert [row.pk for row in first.result_list] == pages[0]


@pytest.mark.parametrize(
    "words",
    ["after=x", "before=~~", "after=2026-99-99~1", "joined_from=yesterday", "frequency_from=１２", "aov_to=1e9"],
)
def test_an_address_that_makes_no_sense_is_no_error_of_ours(words):
    assert sights.browser("hq").get(f"/admin/members/member/?{words}").status_code in (302, 400)


@pytest.mark.parametrize("words", ["portrait__stage=active", "home_store__code=SH01", "phone=+8613800000001", "_x=1"])
def test_an_address_reaches_no_field_that_is_no_filter(words):
    answer = sights.browser("hq").get(f"/admin/members/member/?{words}")
    assert answer.status_code in (302, 400)


def test_a_list_counts_no_further_than_its_cap(monkeypatch):
    monkeypatch.setattr("newretail.kernel.verbadmin.paging.capped_count.__defaults__", (100,))
    crowd(150)
    client = sights.browser("hq")
    assert client.get("/admin/members/member/").context["cl"].result_count == 101


def refused_import(lines):
    row = imports.begin(kind="orders", file_name="o.csv", digest="d", enrol=False, chunk_rows=100, at=world.NOW)
    outcome = Outcome(refusals=[RowRefusal(line=n, column="amount", code="negative") for n in range(2, lines + 2)])
    batch = Batch((), b"", lines, ())
    imports.take_chunk(import_file=row, batch=batch, apply=lambda _: outcome, at=world.NOW)
    return imports.end(import_file=row, at=world.NOW)


def test_refused_rows_are_said_in_both_languages_and_paged():
    row = refused_import(130)
    client = sights.browser("hq")
    path = f"/admin/kernel/importfile/{row.pk}/change/"
    page = client.get(path)
    assert "此处不允许负数" in sights.text(page)
    assert "A negative number is not allowed here." in sights.text(page)
    rest = client.get(f"{path}?after={page.context['next_after']}")
    lines = [error["line"] for found in (page, rest) for error in found.context["errors"]]
    assert lines == list(range(2, 132))
    assert ImportFile.objects.get(pk=row.pk).rejected == 130


def test_a_list_without_rows_says_what_to_do_next():
    hq = sights.browser("hq")
    assert 'href="import/"' in sights.text(hq.get("/admin/members/level/"))
    assert "/admin/imports/new/" in sights.text(hq.get("/admin/kernel/importfile/"))
    assert "总部" in sights.text(sights.browser("manager").get("/admin/members/level/"))
    filtered = sights.text(hq.get("/admin/members/member/?stage=lost"))
    assert "没有符合筛选条件" in filtered or "重置筛选" in filtered


def test_a_page_of_one_row_shows_no_badge_that_only_a_list_can_draw():
    """A badge is a pair, key and word; beside a field it would be written out as one."""
    drawn = [
        f"{listed.__name__}.{name}"
        for listed in (type(each) for each in admin.site._registry.values() if isinstance(each, VerbAdmin))
        for name in (*(listed.fields or ()), *listed.readonly_fields)
        if hasattr(getattr(listed, str(name), None), "label")
    ]
    assert not drawn
