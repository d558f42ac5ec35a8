"""Members, products, stores and staff over the API: one verb with the file import, keyset lists, sparse fields."""

from datetime import timedelta

import pytest
import time_machine

from members.models import Claim, Member, PhoneReveal
from newretail.kernel.models import User
from stores.models import Product, Store
from tests import world
from tests.api import machines
from tests.api.machines import account, machine, order, post


@pytest.fixture(scope="module")
def chain(long_noon):
    world.chain()


@pytest.fixture
def hub(chain, noon):
    return machine()


NEW = {
    "members": {"member_no": "V9", "name": "王五", "phone": "13800000009", "store_code": "SH01"},
    "products": {"sku": "OIL", "name": "山茶油", "category": "油", "price": "88.00"},
    "stores": {"code": "NJ01", "name": "南京店", "region": "华东", "city": "南京"},
    "staff": {"staff_no": "G9", "name": "小丽", "store_code": "SH01", "role": "guide"},
}
KEYS = {"members": "member_no", "products": "sku", "stores": "code", "staff": "staff_no"}
CHANGED = {
    "members": {"gender": "f"},
    "products": {"price": "90.00"},
    "stores": {"city": "镇江"},
    "staff": {"name": "丽丽"},
}


@pytest.mark.parametrize("many", NEW)
def test_one_is_taken_looked_up_and_brought_up_to_date(hub, many):
    item, key = NEW[many], NEW[many][KEYS[many]]
    first, again = post(hub, many, item), post(hub, many, item)
    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert hub.get(f"/api/v1/{many}/{key}").json() == first.json() == again.json()
    changed = post(hub, many, {**item, **CHANGED[many]})
    assert (changed.status_code, changed.json() != first.json()) == (200, True)


@pytest.mark.parametrize("many", NEW)
def test_many_are_judged_one_by_one(hub, many):
    item, key = NEW[many], KEYS[many]
    answer = post(hub, f"{many}:batch", {many: [item, {**item, key: "１"}, item, {**item, "colour": "red"}, 7]}).json()
    assert [each["state"] for each in answer["results"]] == ["created", "refused", "unchanged", "refused", "refused"]
    codes = [each["errors"][0]["code"] for each in answer["results"] if "errors" in each]
    assert codes == ["not_plain", "unknown_field", "not_an_item"]
    assert (answer["created"], answer["unchanged"], answer["refused"]) == (1, 1, 3)


@pytest.mark.parametrize("many", [*NEW, "orders"])
def test_a_list_tells_the_fields_asked_for_and_what_changed_since(hub, many):
    with time_machine.travel(world.NOW + timedelta(hours=1), tick=False):
        post(hub, many, NEW.get(many) or order())
    name = KEYS.get(many, "order_no")
    page = hub.get(f"/api/v1/{many}", {"fields": name, "updated_since": "2026-06-15T12:30:00+08:00"}).json()
    assert page == {"items": [{name: NEW.get(many, {}).get(name, "A1")}], "next": None}
    assert hub.get(f"/api/v1/{many}", {"updated_since": "2026-06-15T13:30:00+08:00"}).json()["items"] == []


def test_an_order_counts_as_changed_when_its_refund_came(hub):
    post(hub, "orders", order())
    with time_machine.travel(world.NOW + timedelta(hours=1), tick=False):
        world.refund(
            {"refund_no": "R1", "order_no": "A1", "amount": "5.00", "refunded_at": "2026-06-11T10:00:00"}
        )  # fmt: skip
    later = hub.get("/api/v1/orders", {"updated_since": "2026-06-15T12:30:00+08:00"}).json()
    assert [each["refunded"] for each in later["items"]] == ["5.00"]


UNKNOWN = ["page=1000000000", "member__phone=1", "_connector=OR", "limit=1&limit=2", "fields=seat", "fields=", "a%00=1",
           "updated_since=2026-06-15T12:00:00", "updated_since=20260615", "updated_since=2026-13-01T00:00:00Z",
           "after=%00", "order_by=id"]  # fmt: skip


@pytest.mark.parametrize("query", UNKNOWN)
@pytest.mark.parametrize("many", [*NEW, "orders"])
def test_a_parameter_that_is_none_is_refused(hub, many, query):
    answer = hub.get(f"/api/v1/{many}?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["field"]


def test_a_member_is_shown_as_far_as_the_key_may_see_her(hub):
    world.people({"member_no": "V1", "birthday": "1991-03-17"})
    shortened = hub.get("/api/v1/members/V1").json()
    assert (shortened["name"], shortened["phone"], shortened["birthday"]) == ("张**", "****", None)
    whole = machine("members:view", "personal_data:view", of=account("crm")).get("/api/v1/members/V1").json()
    assert (whole["name"], whole["phone"], whole["birthday"]) == ("张三", "138****0001", "1991-03-17")


def test_a_whole_phone_needs_its_own_right_a_reason_and_leaves_a_line(hub):
    assert post(hub, "members/V1/phone", {"reason": "care"}).json()["code"] == "no_right"
    caller = machine("phones:reveal", of=account("call-centre"))
    refused = post(caller, "members/V1/phone", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "reason_missing")
    assert not PhoneReveal.objects.exists()
    reason = PhoneReveal.Reason.values[0]
    shown = post(caller, "members/V1/phone", {"reason": reason})
    assert shown.json() == {"member_no": "V1", "phone": "+8613800000001"}
    assert PhoneReveal.objects.get().by.username == "call-centre"
    assert post(caller, "members/none/phone", {"reason": reason}).status_code == 404


def test_a_member_is_patched_and_what_is_left_out_stays(hub):
    answer = hub.patch("/api/v1/members/V1", {"gender": "m"}, content_type="application/json")
    assert (answer.status_code, answer.json()["gender"]) == (200, "m")
    assert Member.objects.get(member_no="V1").phone == "+8613800000001"
    for body in ({"member_no": "V2"}, {"seat": 1}, {"birthday": "2023-02-29"}):
        assert hub.patch("/api/v1/members/V1", body, content_type="application/json").status_code == 422
    assert hub.patch("/api/v1/members/none", {}, content_type="application/json").status_code == 404


def test_a_phone_of_another_member_is_claimed_and_hers_stays(hub):
    answer = hub.patch("/api/v1/members/V1", {"phone": "13800000002"}, content_type="application/json")
    assert answer.status_code == 200
    assert Member.objects.get(member_no="V1").phone == "+8613800000001"
    assert Claim.objects.get(member__member_no="V1").state == "pending"


def test_a_key_confined_to_a_store_keeps_to_its_members_and_changes_nothing_of_the_brands(hub):
    till = machine(of=account("till", store="GZ01"))
    assert [each["member_no"] for each in till.get("/api/v1/members").json()["items"]] == ["V2"]
    assert till.get("/api/v1/members/V1").status_code == 404
    for item in ({"member_no": "V1", "gender": "f", "store_code": "GZ01"}, NEW["members"], {"member_no": "V8"}):
        assert post(till, "members", item).json()["errors"][0]["code"] == "unknown_store"
    assert post(till, "members", {**NEW["members"], "store_code": "GZ01"}).status_code == 201
    assert [each["code"] for each in till.get("/api/v1/stores").json()["items"]] == ["GZ01"]
    assert till.get("/api/v1/staff").json()["items"] == []
    for many in ("products", "stores", "staff"):
        assert post(till, many, NEW[many]).json()["code"] == "confined_key"
    assert not Product.objects.filter(sku="OIL").exists()
    assert not Store.objects.filter(code="NJ01").exists()
    assert Member.objects.get(member_no="V1").gender == ""


@pytest.mark.parametrize("role", ["hq", "auditor"])
def test_no_machine_gives_a_post_that_sees_the_whole_brand(hub, role):
    answer = post(hub, "staff", {"staff_no": "X1", "name": "某人", "role": role})
    assert answer.json()["errors"][0]["code"] == "not_a_choice"
    assert not User.objects.filter(staff_no="X1").exists()


def test_a_key_that_may_only_see_takes_nothing(hub):
    reader = machine(*(right for right in machines.ALL if right.endswith(":view")), of=account("bi"))
    for many, item in NEW.items():
        assert reader.get(f"/api/v1/{many}").status_code == 200
        assert post(reader, many, item).json()["code"] == "no_right"
    assert not Member.objects.filter(member_no="V9").exists()
