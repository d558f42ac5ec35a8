"""An auditor sees everything of the brand but its people: no name, phone or birthday reaches her by any way."""

import io

import pytest
import time_machine
from django.urls import reverse
from python_calamine import CalamineWorkbook

from members.actions import phones, tags
from members.importers import TAGS
from members.models import Member
from newretail.kernel.actions import exports, jobs, settings, uploads, views
from newretail.kernel.files import importing
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from newretail.kernel.models import ExportFile, ImportFile, JobRun
from stores.actions import posts, reviews, targets
from stores.actions.targets import Draft
from stores.models import Store
from stores.queries.chain import place_of
from tests import sights, world
from tests.scopes import addresses
from tests.scopes.town import EXAMPLES

MEMBER = {
    "member_no": "V-7",
    "name": "司马相如",
    "phone": "13800000007",
    "birthday": "1990-06-17",
    "store_code": "SH01",
}
OF_MEMBERS = ("司马相如", "sima", "13800000007", "138****0007", "1990-06-17")
OF_STAFF = ("诸葛孔明", "上官婉儿", "13900000009", "139****0009")
LISTS = ("members/member", "members/order", "members/phonereveal", "members/tag", "members/level", "stores/store",
         "stores/product", "kernel/importfile", "kernel/jobrun", "kernel/journalentry", "kernel/holiday")  # fmt: skip


@pytest.fixture(autouse=True)
def _planted(brand, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    with time_machine.travel(world.NOW, tick=False):
        sights.trade()
        world.people(MEMBER)
        world.staff({"staff_no": "G9", "name": "上官婉儿", "phone": "13900000009", "store_code": "SH01"})
        world.buy(world.order("C1", "9.90", "2026-06-14", member_no="V-7", store_code="SH01", staff_no="G9"))
        sights.night()
        leave(tmp_path)
        yield


def leave(folder):
    """Whatever somebody of HQ can leave her name on, and every place a file's own words could come to rest in."""
    by = posts.admit(username="hq-1", password=sights.PASSWORD, name="诸葛孔明", role="hq", at=world.NOW)
    sh01, wide = Store.objects.get(code="SH01"), {"at": world.NOW, "by": by}
    settings.put(key="new_days", value=60, **wide)
    phones.reveal(member=Member.objects.get(member_no="V-7"), reason="other", note="回访", **wide)
    tags.record(batch=batch_of(TAGS, [{"name": "茶友", "owner_no": "G9"}]), **wide)
    views.keep(noun="members.member", name="新客", words="stage=new", shared_with="auditor", **wide)
    targets.plan(draft=Draft(sights.TODAY.replace(day=1), "sales", {place_of(sh01): 100_000}, "六月"), **wide)
    chief = posts.admit(
        username="m-9", password=sights.PASSWORD, name="上官婉儿", role="manager", at=world.NOW, store=sh01
    )
    reviews.comment(store=sh01, monday=sights.TODAY, words="雨天", by=chief, at=world.NOW)
    reviews.answer(store=sh01, monday=sights.TODAY, words="收到", **wide)
    wrong = folder / "members.csv"
    wrong.write_text("member_no,name,phone,birthday\nV8,司马相如,1.38E+10,06-17\nV9,司马相如,13800000007,1990-06-17\n")
    importing.take(importing.Given("members", wrong), **wide)
    uploads.take(kind="members", source="", enrol=False, file_name="m.csv", stored="none", digest="d", size=1,
                 header=["司马相如", "13800000007"], **wide)  # fmt: skip
    jobs.queue(name="score_rfm", **wide)
    with writing("tests"):
        JobRun.objects.create(name="score_rfm", as_of=sights.TODAY, state="failed", ended_at=world.NOW, by=by,
                              error="DataError: value '司马相如' 13800000007 1990-06-17", failure={"code": "DataError"})  # fmt: skip


def asked():
    """Every address that may be entered, naming every row there is."""
    for address in addresses.with_rights():
        if address.shut or address.model is ExportFile or address.name.startswith("guide_"):
            continue
        if not address.arguments:
            keys = [None]
        elif address.model is None:
            keys = [1] if address.name.startswith("imports:") else EXAMPLES[address.arguments][0]
        else:
            keys = address.model.objects.values_list("pk", flat=True)
        yield from (address.at(key) for key in keys)
    yield from (reverse("store_people", args=["SH01", who]) for who in ("birthdays", "bought", "new", "lapsing"))


def said(client):
    return {path: f"{dict(answer.headers)} {sights.text(answer)}" for path in asked() for answer in [client.get(path)]}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_shows_an_auditor_a_person(language):
    pages = said(sights.browser("auditor", language))
    assert [(word, path) for path, text in pages.items() for word in OF_MEMBERS + OF_STAFF if word in text] == []
    assert sum("hq-1" in text for text in pages.values()) >= 5  # who did what is told by number
    assert len(pages) > 60


def test_the_walk_sees_persons_where_they_may_be_seen():
    whole = "".join(said(sights.browser("hq")).values())
    assert [word for word in OF_MEMBERS[:1] + OF_MEMBERS[3:] + OF_STAFF[:2] + OF_STAFF[3:] if word not in whole] == []


def cells(answer, form):
    raw = b"".join(answer.streaming_content)
    if form == "csv":
        return raw.decode("utf-8")
    return str(CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python())


def taken_out(role, form):
    client = sights.browser(role)
    found = [cells(client.post(f"/admin/{noun}/export/", {"format": form}), form) for noun in LISTS]
    return [*found, cells(client.get("/admin/targets/export/", {"form": form, "month": "2026-06"}), form)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_file_holds_a_person_for_an_auditor(form):
    text = "".join(taken_out("auditor", form))
    assert [word for word in OF_MEMBERS + OF_STAFF if word in text] == []
    assert "hq-1" in text
    whole = "".join(taken_out("hq", form))
    assert all(word in whole for word in ("司马相如", "138****0007", "诸葛孔明"))


def test_no_file_a_worker_writes_holds_a_person_for_an_auditor(monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE_MOST_ROWS", 0)
    client = sights.browser("auditor")
    for noun in ("members/member", "members/phonereveal", "kernel/jobrun"):
        client.post(f"/admin/{noun}/export/", {"format": "csv"})
        while jobs.perform_next(jobs.QUEUED):
            pass
        text = sights.text(client.get(f"/admin/kernel/exportfile/{ExportFile.objects.latest('pk').pk}/file/"))
        assert [word for word in OF_MEMBERS + OF_STAFF if word in text] == []


def test_the_file_of_refused_rows_tells_lines_and_reasons_alone():
    path = f"/admin/kernel/importfile/{ImportFile.objects.get().pk}/errors/"
    told = [sights.text(sights.browser(role).get(path)) for role in ("auditor", "hq")]
    assert told[0] == told[1]
    assert told[0].count("\n") == 2
    assert [word for word in OF_MEMBERS if word in told[0]] == []


def test_nobody_is_listed_under_birthdays_for_an_auditor():
    def listed(role):
        client = sights.browser(role)
        return [sights.text(client.get(f"/stores/SH01/{path}")) for path in ("people/birthdays/", "")]

    assert "V-7" in listed("hq")[0]
    assert "司马相如" in listed("hq")[1]
    told = listed("auditor")
    assert "V-7" not in told[0]
    assert "司**" not in told[1]
    assert "生日名单只对" in told[0]


def test_an_auditor_is_offered_only_the_search_she_has():
    pages = {role: sights.text(sights.browser(role).get("/admin/members/member/")) for role in ("hq", "auditor")}
    assert "手机号或后四位" in pages["hq"]
    assert "手机号或后四位" not in pages["auditor"]


def test_whoever_does_not_see_people_sees_herself():
    text = sights.text(sights.browser("auditor").get("/account/"))
    assert "auditor" in text
