"""A person is erased from everything, and stays away; what she may have is written for her once."""

import json
import os
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

from members import dossiers, importers
from members.actions import claims, links, merges, orders, persons, phones, tombstones
from members.models import Identity, Member, Order, PersonFile, PersonRequest, Tombstone, Touch
from newretail.kernel import sql
from newretail.kernel.actions import jobs, settings
from newretail.kernel.files import identities, storage
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from newretail.kernel.models import (
    BeforeImage,
    ExportFile,
    JobRun,
    JournalEntry,
    KeptAnswer,
    Pending,
    SavedView,
    Upload,
    User,
)
from tests import sights, world
from tests.members.consenting import claim, member, plan, row, say, texts

NAME, PHONE, UNION = "金丝雀", "+8613912345678", "oCANARY77unionid"
CANARIES = (NAME, "13912345678", UNION, "jin si que", "139-1234-5678", "139 1234 5678")


@pytest.fixture(autouse=True)
def known(noon):
    world.chain()
    texts()
    world.people({"member_no": "C1", "name": NAME, "phone": PHONE, "birthday": "1990-02-03", "gender": "f",
                  "store_code": "SH01", "joined_at": "2025-01-10", "tags": "常客"})  # fmt: skip
    with writing("tests"):
        Identity.objects.create(kind="unionid", value=UNION, member=member("C1"), entry_id=member("C1").entry_id)
    world.buy(world.order("C-1", "88.00", "2026-06-02T10:00:00", member_no="C1", store_code="SH01"))
    say(row("C1"))


def erase(number="C1", by=None, at=world.NOW, reason="request"):
    return persons.erase(member=member(number), reason=reason, at=at, by=by)


def work():
    while jobs.perform_next(jobs.QUEUED):
        pass


def whole_database():
    """Every row of every table of the brand, as text."""
    tables = sql.rows(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname IN (current_schema(), 'public') ORDER BY 1"
    )
    return {table: sql.rows(f"SELECT to_jsonb(t)::text FROM {table} t") for (table,) in tables}


def found_in_database():
    return sorted(
        {f"{table}: {canary}" for table, rows in whole_database().items() for (text,) in rows for canary in CANARIES
         if canary in text}
    )  # fmt: skip


def found_in_files():
    root = Path(django_settings.MEDIA_ROOT) / connection.schema_name
    return [
        path.name for path in root.rglob("*") if path.is_file()
        if any(canary.encode() in path.read_bytes() for canary in CANARIES)
    ]  # fmt: skip


def found_in_redis():
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    held = b"".join(key + (client.dump(key) or b"") for key in client.scan_iter())
    return [canary for canary in CANARIES if canary.encode() in held]


def plant():
    """Put her wherever a person can get to."""
    hq = sights.person("hq")
    phones.reveal(member=member("C1"), reason="other", note=f"问{NAME}尺码", at=world.NOW, by=hq)
    say(row("C1", channel="call"))
    plan(numbers=["C1"])
    links.issue(member=member("C1"), at=world.NOW)
    persons.request(member=member("C1"), kind="erase", at=world.NOW)
    entry = JournalEntry.objects.earliest("pk")
    with writing("tests"):
        run = JobRun.objects.create(name="old", as_of=sights.TODAY, state="failed", log=f"{NAME} 139-1234-5678",
                                    error=f"Key (phone)=({PHONE})", failure={"said": PHONE})  # fmt: skip
        KeptAnswer.objects.create(
            account=hq,
            key="k",
            asked="0" * 64,
            status=200,
            made_at=world.NOW,
            body=json.dumps({"name": NAME, "birthday": "1990-02-03"}, ensure_ascii=False),
        )
        SavedView.objects.create(by=hq, noun="members.member", name=f"看{NAME}", words=f"q={UNION}")
        Pending.objects.create(entry=entry, handler="x", due_at=world.NOW, error=f"no {UNION}")
        BeforeImage.objects.create(entry_id=entry.pk, table="members_member", row_id=member("C1").pk,
                                   before={"id": member("C1").pk, "name": NAME, "phone": PHONE})  # fmt: skip
        BeforeImage.objects.create(entry_id=entry.pk, table="members_member", row_id=member("V1").pk,
                                   before={"id": 1, "name": "张三", "source": "介绍人 139 1234 5678"})  # fmt: skip
        ExportFile.objects.create(noun="members.member", words=f"q={NAME}", language="en", format="csv",
                                  stored="e" * 32, run=run, asked_at=world.NOW, written_at=world.NOW,
                                  ends_at=world.NOW + timedelta(hours=9), by=hq)  # fmt: skip
        Upload.objects.create(kind="members", file_name=f"{NAME}.csv", stored="u" * 32, digest="d", size=1,
                              header=[PHONE], told={"errors": [{"column": NAME}]}, state="tried",
                              uploaded_at=world.NOW, by=hq)  # fmt: skip
        tag_move = sql.execute(
            "UPDATE members_tagmove SET reason = %(said)s WHERE member_id = %(member)s",
            {"said": f"{NAME}说的", "member": member("C1").pk},
        )
    assert tag_move
    (storage.folder(storage.EXPORTS) / ("e" * 32)).write_text(NAME)
    (storage.folder(storage.UPLOADS) / ("u" * 32)).write_text(PHONE)
    (storage.folder(storage.TABLES) / ("t" * 32)).write_text(UNION)
    file = persons.ask_file(member=member("C1"), reason="request", at=world.NOW, by=hq)
    dossiers.write(file, world.NOW)


def test_nothing_is_left_of_a_person_who_was_erased(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    plant()
    places = {found.partition(":")[0] for found in found_in_database()}
    assert {"members_member", "members_identity", "members_phonereveal", "members_tagmove", "kernel_jobrun",
            "kernel_keptanswer", "kernel_savedview", "kernel_pending", "kernel_beforeimage", "kernel_exportfile",
            "kernel_upload"} <= places  # fmt: skip
    assert len(found_in_files()) == 3
    erase()
    work()
    assert found_in_database() == []
    assert found_in_files() == []
    assert found_in_redis() == []


@pytest.mark.parametrize("table", ["phonereveal", "keptanswer", "beforeimage"])
def test_what_the_map_does_not_know_is_left(settings, tmp_path, monkeypatch, table):
    """The control: a noun taken off the map keeps her."""
    settings.MEDIA_ROOT = str(tmp_path)
    plant()
    left = [statement for statement in persons.personal.erasing() if f"_{table} t" not in statement]
    monkeypatch.setattr(persons.personal, "erasing", lambda: left)
    erase()
    assert any(table in found for found in found_in_database())


def test_her_books_stay_under_a_number_that_leads_to_nobody():
    assert erase() == 2
    left = member("C1")
    assert (left.name, left.phone, left.birth_year, left.gender, left.erased_at) == ("", "", None, "", world.NOW)
    assert Order.objects.get(order_no="C-1").member == left
    assert left.consents.count() == 1
    assert not left.identities.exists()
    line = JournalEntry.objects.get(name="members.person.erased")
    assert line.facts == {
        "reason": "request", "rows": 1, "tombstones": 2, "suppressed": 0, "left_members": [left.pk],
    }  # fmt: skip


def test_touches_are_suppressed_links_are_dead_and_requests_are_done():
    plan(numbers=["C1"])
    token = links.issue(member=member("C1"), at=world.NOW)
    persons.request(member=member("C1"), kind="erase", at=world.NOW)
    erase()
    assert (Touch.objects.get().state, Touch.objects.get().reason) == ("suppressed", "erased")
    assert links.found(token, world.NOW) is None
    assert PersonRequest.objects.get().state == "done"
    plan(numbers=["C1"], source="campaigns.wave:2")
    with writing("tests"):
        assert claim() == []


def test_all_rows_of_one_person_are_erased_together():
    world.people({"member_no": "C2", "name": NAME, "phone": "13912345600", "store_code": "SH01"})
    merges.merge(member=member("C2"), into=member("C1"), reason=f"{NAME}两张卡", at=world.NOW)
    erase("C2")
    assert all(member(number).erased_at for number in ("C1", "C2"))
    assert found_in_database() == []


@pytest.mark.parametrize("reason", ["", "because", "export"])
def test_without_a_reason_nobody_is_erased(reason):
    with pytest.raises(persons.NoReason):
        erase(reason=reason)
    assert member("C1").name == NAME


def test_a_person_is_erased_once():
    erase()
    with pytest.raises(persons.AlreadyErased):
        erase()
    assert Tombstone.objects.count() == 2


def test_while_a_touch_is_on_its_way_nobody_is_erased():
    plan(numbers=["C1"])
    claim()
    with pytest.raises(persons.UnderWay, match="触达"):
        erase()
    assert member("C1").name == NAME
    assert not Tombstone.objects.exists()


def come_back(**more):
    return world.people({"member_no": "C1", "name": NAME, **more}, {"member_no": "N1", "phone": "139 1234 5678"},
                        {"member_no": "N2", "phone": "13912345679"})  # fmt: skip


def test_an_erased_person_does_not_come_in_again_by_a_file():
    erase()
    outcome = come_back()
    assert world.reasons(outcome) == [(1, "member_no", "person_erased"), (2, "phone", "person_erased")]
    assert outcome.created == 1
    assert member("C1").name == ""
    assert not Member.objects.filter(member_no="N1").exists()


def test_without_tombstones_she_would_come_in_again():
    erase()
    with writing("tests"):
        sql.execute("UPDATE members_member SET erased_at = NULL WHERE member_no = 'C1'")
    outcome = come_back()
    assert world.reasons(outcome) == [(2, "phone", "person_erased")]


OTHERS = {"card_no": "K-7788", "unionid": "oU7788", "openid": "oO7788", "external_userid": "wm7788",
          "mall_id": "M-7788", "payer_id": "2088"}  # fmt: skip


def known_by_all():
    world.people({"member_no": "C1", **OTHERS})
    erase()


@pytest.mark.parametrize("column", OTHERS)
def test_an_erased_persons_identities_do_not_come_back_by_an_old_file(column):
    known_by_all()
    outcome = world.people({"member_no": "N1", column: OTHERS[column].lower()}, {"member_no": "N2", column: "other"})
    spelled_alike = column in ("card_no", "mall_id", "payer_id")  # what machines give counts as it is
    outcome = outcome if spelled_alike else world.people({"member_no": "N3", column: OTHERS[column]})
    assert world.reasons(outcome) == [(1, column, "person_erased")]
    assert not Identity.objects.filter(value=OTHERS[column]).exists()


@pytest.mark.parametrize("column", OTHERS)
def test_an_order_with_an_erased_persons_identity_comes_in_without_her_or_as_whose_phone_it_carries(column):
    known_by_all()
    before = Member.objects.count()
    assert bought("N-1", **{column: OTHERS[column]}).refusals == []
    assert Order.objects.get(order_no="N-1").member is None
    bought("N-2", phone="13800000001", **{column: OTHERS[column]})
    assert Order.objects.get(order_no="N-2").member.member_no == "V1"
    assert Member.objects.count() == before
    settings.put(key="erased_orders", value="fresh_member", at=world.NOW)
    bought("N-3", **{column: OTHERS[column]})
    assert Order.objects.get(order_no="N-3").member.member_no != "C1"


@pytest.mark.parametrize("column", OTHERS)
def test_an_erased_persons_identity_is_not_stated_for_another(column):
    known_by_all()
    kind = identities.KINDS[column]
    with pytest.raises(claims.PersonErased):
        claims.state(member=member("V1"), kind=kind, value=OTHERS[column], source="crm", at=world.NOW)
    assert not Identity.objects.filter(kind=kind).exists()
    assert claims.state(member=member("V1"), kind=kind, value="fresh", source="crm", at=world.NOW) == "accepted"


def bought(number, **more):
    return orders.record(
        batch=batch_of(importers.ORDERS, [
            {"source": "pos", **world.order(number, "10.00", "2026-06-10T10:00:00", store_code="SH01", **more)}]),
        at=world.NOW, enrol=True,
    )  # fmt: skip


@pytest.mark.parametrize("more", [{"phone": PHONE}, {"member_no": "C1"}, {"member_no": "C1", "phone": PHONE}])
def test_an_order_of_an_erased_person_comes_in_without_her(more):
    erase()
    before = Member.objects.count()
    assert bought("N-1", **more).refusals == []
    assert Order.objects.get(order_no="N-1").member is None
    assert Member.objects.count() == before


def test_where_the_brand_says_so_her_phone_may_make_a_fresh_member():
    erase()
    settings.put(key="erased_orders", value="fresh_member", at=world.NOW)
    bought("N-1", phone=PHONE)
    fresh = Order.objects.get(order_no="N-1").member
    assert fresh is not None
    assert (fresh.member_no != "C1", fresh.phone) == (True, PHONE)


def test_a_database_put_back_from_before_erases_her_again(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    kept = Member.objects.filter(member_no="C1").values().get()
    erase()
    work()
    with writing("tests"):
        sql.execute("UPDATE members_member SET erased_at = NULL, name = %(name)s, phone = %(phone)s"
                    " WHERE member_no = 'C1'", {"name": NAME, "phone": PHONE})  # fmt: skip
        Identity.objects.create(kind="phone", value=PHONE, member_id=kept["id"], entry_id=kept["entry_id"])
    assert persons.reapply(at=world.NOW) == 1
    assert found_in_database() == []
    assert persons.reapply(at=world.NOW) == 0


def test_the_same_digest_comes_out_of_the_database_as_of_the_program(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    erase()
    with writing("tests"):
        Identity.objects.create(kind="unionid", value=UNION, member=member("V1"), entry_id=member("V1").entry_id)
    tombstones.write_down(member("C1"), [tombstones.digest_of("unionid", UNION)], world.NOW)
    assert tombstones.back_again() == [member("V1").pk]


def file_of(by, **more):
    file = persons.ask_file(member=member("C1"), reason="request", at=world.NOW, by=by)
    work()
    return PersonFile.objects.get(pk=file.pk)


def test_a_persons_file_tells_all_that_is_held_of_her_and_nothing_of_others(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    file = file_of(sights.person("hq"))
    assert file.ready(world.NOW)
    with zipfile.ZipFile(BytesIO(dossiers.path_of(file).read_bytes())) as packed:
        told = json.loads(packed.read("person.json"))["person"]
        pages = [packed.read(f"person.{language}.html").decode() for language in ("zh", "en")]
    assert told["members.member"][0]["name"] == NAME
    assert {each["value"] for each in told["members.identity"]} == {PHONE, UNION}
    assert told["members.order"][0]["amount"] == "88.00"
    assert told["members.consent"][0]["purpose"] == "marketing"
    assert all(NAME in page and "88.00" in page for page in pages)
    assert "13800000001" not in json.dumps(told) + "".join(pages)


def test_a_persons_file_is_fetched_once_by_who_asked_and_then_goes(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    hq = sights.person("hq")
    persons.request(member=member("C1"), kind="export", at=world.NOW)
    file = file_of(hq)
    with pytest.raises(persons.NotToBeFetched):
        persons.fetch_file(file=file, at=world.NOW, by=sights.person("auditor"))
    persons.fetch_file(file=file, at=world.NOW, by=hq)
    with pytest.raises(persons.NotToBeFetched):
        persons.fetch_file(file=file, at=world.NOW, by=hq)
    assert JournalEntry.objects.filter(name="members.person.exported", by=hq).count() == 1
    assert PersonRequest.objects.get().state == "done"
    assert (persons.close_files(at=world.NOW), dossiers.remove_closed()) == (1, 1)
    assert not dossiers.path_of(file).exists()


@pytest.mark.parametrize("reason", ["", "curiosity"])
def test_a_persons_file_needs_a_reason(reason):
    with pytest.raises(persons.NoReason):
        persons.ask_file(member=member("C1"), reason=reason, at=world.NOW, by=sights.person("hq"))
    assert not PersonFile.objects.exists()


def test_a_request_is_due_in_fifteen_working_days_and_made_once():
    asked = persons.request(member=member("C1"), kind="export", at=world.NOW)
    assert asked.due_on.isoformat() == "2026-07-07"  # the 19th of June is the Dragon Boat Festival
    with pytest.raises(persons.AskedAlready):
        persons.request(member=member("C1"), kind="export", at=world.NOW)
    hq: User = sights.person("hq")
    with pytest.raises(persons.NoReason):
        persons.refuse(asked=asked, answer=" ", at=world.NOW, by=hq)
    assert persons.refuse(asked=asked, answer="身份未核实", at=world.NOW, by=hq).state == "refused"
    with pytest.raises(persons.NotOpen):
        persons.refuse(asked=asked, answer="再次", at=world.NOW, by=hq)
