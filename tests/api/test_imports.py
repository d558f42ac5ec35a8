"""Files and job runs over the API: handed in, tried, confirmed; runs asked for and looked up."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun, Upload
from stores.models import Product
from tests import world
from tests.api.machines import account, machine, post

CSV = b"sku,name,price\nOIL,\xe5\xb1\xb1\xe8\x8c\xb6\xe6\xb2\xb9,88.00\nBAD,x,1.005\n"
NUMBER = hashlib.sha256(CSV).hexdigest()


@pytest.fixture
def hub(noon, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world.chain()
    return machine()


def hand_in(client, text=CSV, **more):
    headers = more.pop("headers", {})
    given = {"kind": "products", "file": SimpleUploadedFile("p.csv", text), **more}
    return client.post("/api/v1/imports", given, headers=headers)


def work():
    while jobs.perform_next(jobs.QUEUED):
        pass


def test_a_file_is_tried_confirmed_and_its_errors_read(hub):
    handed = hand_in(hub)
    assert (handed.status_code, handed.json()["number"], handed.json()["state"]) == (202, NUMBER, "trying")
    assert hub.get(f"/api/v1/imports/{NUMBER}/errors").status_code == 404
    work()
    tried = hub.get(f"/api/v1/imports/{NUMBER}").json()
    assert (tried["state"], tried["trial"]["created"], tried["trial"]["rejected"]) == ("tried", 1, 1)
    assert not Product.objects.filter(sku="OIL").exists()
    assert post(hub, f"imports/{NUMBER}:confirm", {}).status_code == 202
    work()
    taken = hub.get(f"/api/v1/imports/{NUMBER}", {"fields": "state,result"}).json()
    assert (taken["state"], taken["result"]["created"]) == ("closed", 1)
    assert Product.objects.filter(sku="OIL").exists()
    [error] = hub.get(f"/api/v1/imports/{NUMBER}/errors").json()["items"]
    assert (error["row"], error["field"], error["code"]) == (3, "price", "too_many_decimals")
    text = b"".join(hub.get(f"/api/v1/imports/{NUMBER}/errors.csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("3,price,too_many_decimals,")
    assert [each["number"] for each in hub.get("/api/v1/imports").json()["items"]] == [NUMBER]


def test_the_same_file_handed_in_again_is_the_same_and_a_confirmed_one_is_confirmed_once(hub):
    first = hand_in(hub, headers={"Idempotency-Key": "k1"})
    again = hand_in(hub, headers={"Idempotency-Key": "k1"})
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert hand_in(hub).status_code == 202
    assert Upload.objects.count() == 1
    assert post(hub, f"imports/{NUMBER}:confirm", {}).json()["code"] == "not_now"
    assert post(hub, f"imports/{NUMBER}:confirm", {"x": 1}).json()["code"] == "unknown_field"


@pytest.mark.parametrize("more", [{"kind": "moon"}, {"kind": ""}, {"enrol": "1"}, {"x": "1"}, {"source": "x" * 41}])
def test_what_is_no_file_of_a_kind_is_refused(hub, more):
    answer = hand_in(hub, **more)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_file")
    assert not Upload.objects.exists()


def test_a_file_that_cannot_be_read_is_refused_and_not_kept(hub, settings):
    answer = hand_in(hub, b"")
    assert (answer.status_code, answer.json()["code"]) in ((422, "is_empty"), (400, "bad_file"))
    assert post(hub, "imports", {}).status_code == 415
    assert not Upload.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_key_of_a_store_neither_hands_files_in_nor_sees_them(hub):
    hand_in(hub)
    till = machine(of=account("till", store="SH01"))
    assert hand_in(till).json()["code"] == "no_right"
    assert till.get("/api/v1/imports").json()["items"] == []
    assert till.get(f"/api/v1/imports/{NUMBER}").status_code == 404
    assert post(till, "job-runs", {"name": "verify_books"}).json()["code"] == "no_right"


def test_a_job_is_asked_for_and_looked_up_by_name_and_day(hub):
    asked = post(hub, "job-runs", {"name": "fill_holidays", "as_of": "2026-06-14"})
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    work()
    done = hub.get("/api/v1/job-runs/fill_holidays/2026-06-14").json()
    assert (done["state"], done["progress"], done["failure"]) == ("done", 100, "")
    listed = hub.get("/api/v1/job-runs", {"name": "fill_holidays", "fields": "as_of"}).json()
    assert listed["items"] == [{"as_of": "2026-06-14"}]


BAD = [{"name": "none"}, {"name": "try_upload"}, {}, {"name": "fill_holidays", "as_of": "20260614"}, {"name": 1},
       {"name": "fill_holidays", "as_of": "2026-02-30"}, {"name": "fill_holidays", "full": True}]  # fmt: skip


@pytest.mark.parametrize("body", BAD, ids=str)
def test_a_job_that_is_none_is_refused(hub, body):
    assert post(hub, "job-runs", body).status_code == 422
    assert not JobRun.objects.exists()


def test_a_day_to_come_is_refused(hub):
    answer = post(hub, "job-runs", {"name": "fill_holidays", "as_of": "2027-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (409, "future_day")
    assert hub.get("/api/v1/job-runs/fill_holidays/tomorrow").status_code == 404
