"""Orders over the API: whole or not at all, once whatever is sent again, and nothing beyond a key's sight."""

import pytest

from members.models import Member, Order, OrderLine
from newretail.kernel.actions import settings
from tests import world
from tests.api.machines import account, line, machine, order, post


@pytest.fixture(scope="module")
def chain(long_noon):
    world.chain()


@pytest.fixture
def till(chain, noon):
    return machine()


def test_an_order_goes_in_with_its_lines_and_is_answered_as_it_stands(till):
    answer = post(till, "orders", order(lines=[line(1, amount="60.00"), line(2, sku="NUT", amount="40.00")]))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["member_no"], told["store_code"], told["amount"], told["refunded"]) == ("V1", "SH01", "100.00", "0.00")
    assert [(each["sku"], each["amount"]) for each in told["lines"]] == [("TEA", "60.00"), ("NUT", "40.00")]
    assert till.get("/api/v1/orders/pos/a1").json() == told


def test_the_same_order_sent_again_changes_nothing_and_a_differing_one_brings_it_up_to_date(till):
    first = post(till, "orders", order(lines=[line()]))
    again = post(till, "orders", order(lines=[line()]))
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    changed = post(till, "orders", order(channel="mall", lines=[line()]))
    assert changed.json()["channel"] == "mall"
    assert Order.objects.count() == 1


def test_an_order_with_a_bad_line_is_refused_whole_and_the_others_go_in(till):
    answer = post(till, "orders:batch", {"orders": [
        order("A1", lines=[line()]), order("A2", lines=[line(1, amount="50.00"), line(2, sku="?", amount="50.00")]),
        order("A3", store_code="XX"),
    ]})  # fmt: skip
    told = answer.json()
    assert (told["created"], told["refused"]) == (1, 2)
    assert [each["state"] for each in told["results"]] == ["created", "refused", "refused"]
    assert told["results"][1]["errors"][0] | {"detail": ""} == {
        "field": "lines.1.sku",
        "code": "unknown_product",
        "detail": "",
    }
    assert told["results"][2]["errors"][0]["code"] == "unknown_store"
    assert list(Order.objects.values_list("order_no", flat=True)) == ["A1"]
    assert OrderLine.objects.count() == 1


def test_a_refused_order_is_told_in_the_language_asked_for_and_nothing_is_written(till):
    english = post(till, "orders", order(store_code="XX"))
    chinese = post(till, "orders", order(store_code="XX"), accept_language="zh-CN,en;q=0.5")
    assert english.status_code == chinese.status_code == 422
    assert english.headers["Content-Type"] == "application/problem+json"
    assert english.json()["errors"][0]["detail"] == "There is no store with this code."
    assert "门店" in chinese.json()["errors"][0]["detail"]
    assert not Order.objects.exists()


def test_a_phone_nobody_knows_enrols_its_payer(till):
    answer = post(till, "orders", order(member_no=None, phone="+86 139-0000-9999"))
    assert answer.json()["member_no"].startswith("NR-")
    assert Member.objects.filter(phone="+8613900009999").count() == 1


@pytest.mark.parametrize(
    "unknown", [{"phone": "13900009999"}, {"member_no": "V99"}, {"card_no": "K99", "member_no": None}]
)
def test_a_brand_that_does_not_enrol_takes_the_order_without_a_member_or_refuses_it(till, unknown):
    sent = order(**{"member_no": None, **unknown}, lines=[line()])
    settings.put(key="enrol_payers", value="refuse", at=world.NOW)
    refused = post(till, "orders", sent)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "unknown_member")
    assert not Order.objects.exists()
    settings.put(key="enrol_payers", value="nameless", at=world.NOW)
    assert [post(till, "orders", sent).status_code for _ in range(2)] == [201, 200]
    assert Order.objects.get().member is None
    assert Member.objects.count() == 2
    settings.put(key="enrol_payers", value="enrol", at=world.NOW)
    assert post(till, "orders", sent).json()["member_no"]
    assert Member.objects.count() == 3


def test_whoever_stays_nameless_brings_no_other_fault_in_with_her(till):
    settings.put(key="enrol_payers", value="nameless", at=world.NOW)
    told = post(till, "orders:batch", {"orders": [
        order("N1", member_no=None, phone="13900009999", store_code="XX"), order("N2", phone="13900009999"),
        order("N3", phone="13800000002"),
    ]}).json()  # fmt: skip
    assert [each["state"] for each in told["results"]] == ["refused", "created", "refused"]
    assert Order.objects.get().member.member_no == "V1"


def test_lists_are_paged_by_key(till):
    post(till, "orders:batch", {"orders": [order(f"A{i}") for i in range(5)]})
    seen, after = [], ""
    while after is not None:
        page = till.get("/api/v1/orders", {"limit": 2, **({"after": after} if after else {})}).json()
        seen += [each["order_no"] for each in page["items"]]
        after = page["next"]
    assert seen == [f"A{i}" for i in range(5)]


def test_a_key_of_one_store_neither_sees_nor_writes_beyond_it(till):
    post(till, "orders:batch", {"orders": [order("A1"), order("A2", store_code="GZ01")]})
    confined = machine(of=account("till-gz", store="GZ01"))
    assert [each["order_no"] for each in confined.get("/api/v1/orders").json()["items"]] == ["A2"]
    assert confined.get("/api/v1/orders/pos/A1").status_code == 404
    for body in (order("A1", store_code="GZ01", amount="1.00"), order("A9"), order("A9", store_code=None)):
        assert post(confined, "orders", body).json()["errors"][0]["code"] == "unknown_store"
    assert post(confined, "orders", order("A3", store_code="GZ01")).status_code == 201
    assert dict(Order.objects.values_list("order_no", "amount_cents"))["A1"] == 10_000


def test_a_key_that_may_only_see_changes_nothing(till):
    reader = machine("orders:view", of=account("bi"))
    assert reader.get("/api/v1/orders").status_code == 200
    assert post(reader, "orders", order()).json()["code"] == "no_right"
    assert not Order.objects.exists()


BAD = [
    (order(amount="１２.３４"), "not_money"), (order(amount="1_000"), "not_money"), (order(amount=" 12 "), "blanks_around"),
    (order(amount=True), "not_text"), (order(amount=1.005), "too_many_decimals"), (order(amount="-1"), "negative"),
    (order(amount=2**63), "not_money"), (order(amount="١٢"), "not_money"), (order(amount=1e400), None),
    (order(paid_at="2026-06-10T10:00:00"), "no_offset"), (order(paid_at="2026-02-29T10:00:00Z"), "no_such_day"),
    (order(paid_at=20260610), "not_text"), (order(order_no=12), "not_text"), (order(order_no=""), "missing"),
    (order(colour="red"), "unknown_field"), (order(refunded="1.00"), "unknown_field"), (order(phone="12345"), "not_phone"),
    (order(lines={}), "not_a_list"), (order(lines=[line(quantity="1")]), "not_number"), (order(lines=[1]), "not_an_item"),
    (order(lines=[line(amount="99.00")]), "wrong_sum"), (order(lines=[line(order_no="B")]), "unknown_field"),
    (order(lines=[line()], freight="x"), "not_money"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code"), [case for case in BAD if case[1]])
def test_a_bad_field_is_named_and_nothing_is_written(till, body, code):
    answer = post(till, "orders", body)
    assert answer.status_code == 422, answer.content
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert answer.json()["errors"][0]["field"] or code == "not_an_item"
    assert not Order.objects.exists()


BODIES = [
    (b"", "not_json"), (b"[]", "not_an_object"), (b"{", "not_json"), (b'{"a": "\\u0000"}', "bad_text"),
    (b'{"a": "\\ud800"}', "bad_text"), (b'{"a": NaN}', "bad_number"), (b'{"a": ' + b"9" * 5000 + b"}", "bad_number"),
    (b'{"a": 1, "a": 2}', "field_twice"), (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
    (b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}", "too_deep"), (b'{"a": "\xff"}', "not_json"),
    (b'{"a": "' + b"x" * 2_100_000 + b'"}', "too_large"),
    (b'{"a": "' + b"x" * 3_000_000 + b'"}', "too_large"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code"), BODIES, ids=[code for _, code in BODIES])
def test_a_body_that_cannot_be_read_is_refused(till, body, code):
    answer = post(till, "orders", body)
    assert answer.status_code == (413 if code == "too_large" else 400)
    assert answer.json()["code"] == code


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "limit=１", "after=x", "after=e30", "after=%00"])
def test_a_place_that_is_none_is_refused(till, query):
    assert till.get(f"/api/v1/orders?{query}").status_code == 400
