"""Whatever is sent to whatever address that takes something: a 4xx with a code and a field, and nothing written."""

import json
import re

import pytest
from django.test import Client

from guides.actions.bonds import ADDED
from guides.models import Bond
from members.actions.events import EVENTS
from members.importers import MEMBERS, ORDERS, REFUNDS
from members.models import Claim, Coupon, Event, Member, Order, PointsEntry, Refund
from newretail.kernel import sql
from newretail.kernel.actions import endpoints, keys
from newretail.kernel.guard import writing
from newretail.kernel.models import Delivery, Endpoint, JobRun, JournalEntry, User
from stores.api.staff import SHEET as STAFF
from stores.importers import PRODUCTS, STORES
from stores.models import Product, Store
from tests import lasting, world
from tests.api import machines
from tests.api.machines import account, machine, order, post

PLAIN = ("orders", "refunds", "events", "members", "products", "stores", "staff")
# What is done with one member, coupon or endpoint; each is refused before anything of it is looked at.
DEEDS = [
    "members/V1/points:spend", "members/V1/points:earn", "members/V1/points:give", "points:earn", "points:reverse",
    "coupons:issue", "coupons:claim", "coupons:verify", "coupons:lock", "coupons:release", "coupons:redeem",
    "coupons:roll-back", "member-codes:verify", "consents:batch", "bonds:batch", "shifts:batch", "members/V1/consent-links", "members/V1/benefits",
    "identities:lookup", "members/V1/identities", "webhooks",
]  # fmt: skip
WHOLE = [*PLAIN, *(f"{name}:batch" for name in PLAIN), "job-runs", "members/V1/phone", *DEEDS]
SHEETS = {"orders": ORDERS, "refunds": REFUNDS, "events": EVENTS, "members": MEMBERS, "products": PRODUCTS,
          "stores": STORES, "staff": STAFF}  # fmt: skip
GOOD = {
    "orders": order(),
    "refunds": {"source": "pos", "order_no": "A1", "refund_no": "R1", "amount": "1.00",
                "refunded_at": "2026-06-11T10:00:00+08:00"},
    "events": {"source": "app", "event_no": "E1", "kind": "sign_in", "member_no": "V1",
               "happened_at": "2026-06-11T10:00:00+08:00"},
    "members": {"member_no": "V9"},
    "products": {"sku": "OIL", "name": "山茶油"},
    "stores": {"code": "NJ01", "name": "南京店"},
    "staff": {"staff_no": "G9", "name": "小丽", "role": "guide", "store_code": "SH01"},
}  # fmt: skip
BODIES = {
    "nothing": b"", "list": b"[]", "text": b'"x"', "number": b"7", "cut off": b'{"a": ', "NUL": b'{"a": "\\u0000"}',
    "surrogate": b'{"a": "\\ud800"}', "NUL in a name": b'{"\\u0000": 1}', "deep": b'{"a": ' + b"[" * 100_000 + b"}",
    "twice": b'{"a": 1, "a": 2}', "NaN": b'{"a": NaN}', "Infinity": b'{"a": -Infinity}', "no text": b'{"a": "\xff"}',
    "5000 digits": b'{"a": ' + b"9" * 5000 + b"}", "UTF-16": '{"a": 1}'.encode("utf-16"), "3 MB": b"[" + b" " * 3_000_000,
}  # fmt: skip
MONEY = [
    "１２.３４",
    "1_000",
    " 12 ",
    True,
    1.005,
    "-1",
    2**63,
    "١٢",
    "NaN",
    "1e3",
    "1,234.50",
    "￥12",
    "12元",
    "(12)",
    [],
    {},
]
NUMBER = [True, "1", 1.5, -1, 2**63, [], {}]
TEXT = [12, True, 1.5, [], {}]
MOMENT = ["2026-06-10T10:00:00", "2026-02-29T10:00:00Z", "2026-06-10", "2027-01-01T00:00:00Z", 20260610, True, "now",
          "2026-06-10T10:00:00+99:00", "２０２６-06-10T10:00:00Z"]  # fmt: skip
DAY = ["20240101", "2023-02-29", "0001-01-01", "9999-01-01", "２０２４-01-01", "24-1-1", 20240101, True, " 2024-01-01"]
PHONE = ["12345", "138", "１３８", "+86", "13800000001 x", "1.38E+10", 13800000001, True]
BAD = {
    "money": MONEY, "integer": NUMBER, "float": [True, "1", [], 1e6], "moment": MOMENT, "date": DAY,
    "birthday": [*DAY, "2026-06-16"], "phone": PHONE, "choice": ["x", 1, True, " female"],
}  # fmt: skip


MOVE = {"source": "pos", "source_no": "S1", "points": 1}
NAMED = {"code": "012345678901234567", "source": "pos", "source_no": "A1"}
SHOWN = {**NAMED, "amount": "10.00", "store_code": "SH01"}
OF_MOVE = {"source": TEXT, "source_no": TEXT, "points": [*NUMBER, 0], "reason": [*TEXT, "x" * 201], "member__pk": ["1"]}
OF_NAMED = {
    "code": [*TEXT, None, ""],
    "source": [*TEXT, "x" * 41, None],
    "source_no": [*TEXT, " A1", "a\u200bb", "x" * 65],
}
OF_SHOWN = {**OF_NAMED, "amount": [*MONEY, None], "freight": MONEY, "store_code": [*TEXT, "XX"], "member_no": [*TEXT, "?"],
            "lines": ["x", {}, 1], "id": [1]}  # fmt: skip
OF_IDENTITY = {
    "kind": [*TEXT, None, "", "fax", "phone "],
    "value": [*TEXT, None, "", "\u200b", "x" * 121],
    "member": ["V1"],
}
ISSUE = {"plan": "FIVE", "source": "app", "key": "k", "members": ["V1"]}
OF_ISSUE = {
    "plan": [*TEXT, None, "", "XX", " FIVE", "x" * 65],
    "source": [*TEXT, None, "", " app", "x" * 41],
    "key": [*TEXT, None, "", "x" * 65],
    "members": ["V1", {}, 1, None, [], [1], [None], [["V1"]], [True], ["V1"] * 1001],
    "stock": [1],
}
ENDPOINT = {"url": "https://hooks.example.com/x"}
OF_ENDPOINT = {
    "url": [
        *TEXT, None, "", "x", "http://hooks.example.com/", "ftp://hooks.example.com/", "//hooks.example.com",
        "https:///x", "https://[::1", "https://exa mple.com", "https://a\nb.com/", "https://hooks.example.com/ a",
        "https://user:pw@hooks.example.com/", "https://hooks.example.com:22/", "https://hooks.example.com:99999/",
        "https://localhost/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://１２７.０.０.１/",
        "https://[::1]/", "https://[64:ff9b::7f00:1]/", "https://hooks.example.com/" + "x" * 600,
    ],
    "events": ["order.recorded", {}, 1, True, None, [1], [None], [""], ["nothing.here"], [" order.recorded"],
               ["order.recorded"] * 1001],
    "description": [*TEXT, None, "x" * 121, "a\nb"],
    "secret": ["x"], "state": ["active"],
}  # fmt: skip
# For each deed a body that is one, and what each field of it may not hold.
TRIED = {
    "members/V1/points:spend": (MOVE, {**OF_MOVE, "partly": [1, "true", []]}),
    "members/V1/points:earn": (MOVE, OF_MOVE),
    "points:earn": ({**MOVE, "member_no": "V1"}, {**OF_MOVE, "member_no": [*TEXT, " V1"]}),
    "members/V1/points:give": ({**MOVE, "to": "V2"}, {**OF_MOVE, "to": [*TEXT, None, ""]}),
    "points:reverse": ({**MOVE, "reversal_no": "R1"}, {**OF_MOVE, "reversal_no": [*TEXT, None, ""]}),
    "coupons:verify": (SHOWN, {**OF_SHOWN, "source": TEXT}),
    "coupons:lock": (SHOWN, {**OF_SHOWN, "minutes": [*NUMBER, 0]}),
    "coupons:redeem": (SHOWN, OF_SHOWN),
    "coupons:release": (NAMED, OF_NAMED),
    "coupons:roll-back": (NAMED, {**OF_NAMED, "refunded": [1, "true", []]}),
    "member-codes:verify": (NAMED, OF_NAMED),
    "members/V1/benefits": ({"name": "贵宾厅", "key": "k"}, {"name": TEXT, "key": [*TEXT, None], "level": ["G"]}),
    "coupons:issue": (ISSUE, OF_ISSUE),
    "coupons:claim": (
        {"code": NAMED["code"], "member_no": "V1"},
        {"code": OF_NAMED["code"], "member_no": [*TEXT, None, "", "XX", " V1"], "plan": ["FIVE"]},
    ),
    "webhooks": (ENDPOINT, OF_ENDPOINT),
    "webhooks/ep_own": (ENDPOINT, OF_ENDPOINT),
    "webhooks/ep_own/replay": (
        {"since": "2026-06-14T00:00:00Z"},
        {
            "since": [1, True, None, [], "", "now", "2026-06-14", "2026-06-14T00:00:00", "2026-02-30T00:00:00Z"],
            "all": [True],
        },
    ),
    "identities:lookup": ({"kind": "card", "value": "K1"}, OF_IDENTITY),
    "members/V1/identities": ({"kind": "card", "value": "K1"}, {**OF_IDENTITY, "source": [*TEXT, "x" * 41]}),
}

BOND = {"member_no": "V2", "staff_no": "G1", "added_at": "2026-06-14T10:00:00+08:00"}

# Where a request could leave a row.
NOUNS = (
    Bond,
    Member,
    Order,
    Refund,
    Event,
    Product,
    Store,
    User,
    Endpoint,
    Delivery,
    Coupon,
    PointsEntry,
    JobRun,
    Claim,
)


def deeds():
    for path, (good, fields) in TRIED.items():
        for field, values in fields.items():
            yield from ((path, {**good, field: value}, field) for value in values)


def cases():
    for many, sheet in SHEETS.items():
        for column in sheet.columns:
            tried = BAD.get(column.type, [*TEXT, "x" * (column.limit + 1)])
            if column.name in sheet.key:
                tried = [*tried, "１", "a\u200bb", " a", "a\n"]
            if column.required and not column.default:
                tried = [*tried, None, ""]
            if column.name == "data":
                continue
            yield from ((many, column.name, value) for value in tried)


def additions():
    """Yield what a row of bonds may not hold: (field, value)."""
    for column in ADDED.columns:
        tried = BAD.get(column.type, [*TEXT, "x" * (column.limit + 1)])
        yield from ((column.name, value) for value in tried)
    yield from (("staff_no", value) for value in (None, "", " G1", "S1", "?"))
    yield "member_no", "?"
    yield from ((name, "1") for name in ("id", "post", "store_code", "__proto__"))


@pytest.fixture(scope="module")
def chain(django_db_setup, django_db_blocker):
    """One trade for the whole module; a system of the whole brand with an endpoint."""
    with lasting.at_noon(django_db_blocker):
        world.chain()
        world.buy(world.order("A1", "100.00", "2026-06-10T10:00:00", member_no="V1", store_code="SH01"))
        by = account("hub")
        own = endpoints.add(url=ENDPOINT["url"], at=world.NOW, by=by).endpoint
        with writing("tests"):
            Endpoint.objects.filter(pk=own.pk).update(ref="ep_own")
        yield machine(*machines.ALL, "phones:reveal", of=by, per_minute=keys.MOST_PER_MINUTE)


@pytest.fixture
def hub(chain):
    with lasting.undone():
        yield chain


@pytest.fixture
def untouched(hub):
    """Whatever is sent, no verb has written a line, and no row stands or goes: neither of what it names nor of an answer."""
    before = written()
    yield hub
    assert written() == before


def written():
    """How many rows stand where a request could leave some; the newest line of the journal. All in one question."""
    counts = [f"(SELECT count(*) FROM {noun._meta.db_table})" for noun in NOUNS]
    return sql.prepared(None, f"SELECT {', '.join(counts)}, (SELECT max(id) FROM {JournalEntry._meta.db_table})")


def send(client, path, body, **headers):
    """Send a body as the address takes it: what is changed by PUT names one endpoint."""
    if path == "webhooks/ep_own":
        return client.put(f"/api/v1/{path}", json.dumps(body), content_type="application/json",
                          headers={"accept-language": headers["accept_language"]})  # fmt: skip
    return post(client, path, body, **headers)


def is_problem(answer):
    told = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"]
    assert told["code"]
    assert told["title"]
    assert not any(word in answer.content.decode() for word in ("Traceback", "SELECT", "psycopg", "members_"))
    return told


@pytest.mark.parametrize("path", WHOLE)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_none_is_refused_everywhere(untouched, path, body):
    answer = post(untouched, path, body)
    assert answer.status_code in (400, 413), answer.content
    is_problem(answer)


@pytest.mark.parametrize(("many", "field", "value"), [*cases()], ids=lambda value: ascii(value)[:40])
def test_a_value_that_is_none_is_refused_by_its_field(untouched, many, field, value):
    answer = post(untouched, many, {**GOOD[many], field: value})
    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in is_problem(answer)["errors"]] == [field]


@pytest.mark.parametrize(("path", "body", "field"), [*deeds()], ids=lambda value: ascii(value)[:40])
def test_a_value_that_is_none_is_refused_by_its_field_in_every_deed_in_both_languages(untouched, path, body, field):
    said = []
    for language in ("zh-CN", "en"):
        answer = send(untouched, path, body, accept_language=language)
        assert answer.status_code == 422, answer.content
        [error] = is_problem(answer)["errors"]
        assert error["field"] == field
        said.append(error["detail"])
    assert re.search("[\u4e00-\u9fff]", said[0])
    assert re.match("[A-Z][ -~]{9,}", said[1])


@pytest.mark.parametrize("many", SHEETS)
@pytest.mark.parametrize("field", ["id", "pk", "entry_id", "seat", "__proto__", "member__phone", "refunded"])
def test_a_field_nobody_knows_is_refused(untouched, many, field):
    told = is_problem(post(untouched, many, {**GOOD[many], field: "1"}))
    assert [(error["field"], error["code"]) for error in told["errors"]] == [(field, "unknown_field")]


@pytest.mark.parametrize("path", WHOLE)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                  "application/xml", "application/json; charset=utf-16", ""])  # fmt: skip
def test_another_type_of_body_is_refused(untouched, path, kind):
    answer = untouched.post(f"/api/v1/{path}", b'{"a": 1}', content_type=kind)
    assert answer.status_code in (400, 415, 422), answer.content
    is_problem(answer)


@pytest.mark.parametrize("many", [*PLAIN, "consents", "bonds", "shifts"])
@pytest.mark.parametrize("items", [None, {}, "x", [], [{}] * 1001])
def test_a_batch_that_is_none_is_refused(untouched, many, items):
    answer = post(untouched, f"{many}:batch", {many: items})
    assert (answer.status_code, is_problem(answer)["code"]) == (400, "bad_batch")


@pytest.mark.parametrize(("field", "value"), [*additions()], ids=lambda value: ascii(value)[:40])
def test_a_value_that_is_none_is_refused_by_its_field_in_a_row_of_bonds_in_both_languages(untouched, field, value):
    for language, words in (("zh-CN", "[\u4e00-\u9fff]"), ("en", "^[A-Z][ -~]{9,}")):
        answer = post(untouched, "bonds:batch", {"bonds": [{**BOND, field: value}]}, accept_language=language)
        [told] = answer.json()["results"]
        assert (answer.status_code, told["state"]) == (200, "refused")
        [error] = told["errors"]
        assert error["field"] == field
        assert re.search(words, error["detail"])


@pytest.mark.parametrize("many", PLAIN)
def test_another_method_is_not_smuggled_in_and_forged_headers_change_nothing(hub, many):
    forged = {"X-HTTP-Method-Override": "DELETE", "X-Forwarded-Host": "second.localhost", "X-Forwarded-For": "10.0.0.1",
              "X-Real-IP": "127.0.0.1", "Forwarded": "host=second.localhost", "X-Original-URL": "/admin/"}  # fmt: skip
    assert hub.get(f"/api/v1/{many}", headers=forged).json() == hub.get(f"/api/v1/{many}").json()
    assert hub.get(f"/api/v1/{many}", {"_method": "DELETE"}).status_code == 400
    assert hub.delete(f"/api/v1/{many}").status_code == 405
    assert Client(headers={"host": "localhost", **forged}).get(f"/api/v1/{many}").status_code == 401


@pytest.mark.parametrize("place", ["members/{}", "products/{}", "stores/{}", "staff/{}", "orders/pos/{}", "imports/{}"])
@pytest.mark.parametrize("name", ["1%0a", "１", "%00", "1%20", "..%2f1", "1;x=1", "-1", "9" * 400, "%ff", "__all__"])
def test_a_name_that_is_none_leads_nowhere(hub, place, name):
    answer = hub.get(f"/api/v1/{place.format(name)}")
    assert answer.status_code in (400, 404)
    is_problem(answer)


def test_one_phone_in_every_spelling_is_one_member(hub):
    for number, phone in enumerate(
        ["13900000009", "+86 139-0000-0009", "0086 13900000009", "139 0000 0009", "１３９０００００００９"]
    ):
        answer = post(hub, "orders", order(f"P{number}", member_no=None, phone=phone))
        assert answer.status_code == 201, answer.content
    assert Member.objects.filter(phone="+8613900000009").count() == 1


def test_a_thousand_requests_of_one_key_at_once_meet_its_limit_and_others_do_not(hub):
    hasty = machine("orders:view", of=account("hasty"), per_minute=40)
    calm = machine("orders:view", of=account("calm"))
    answers = [hasty.get("/api/v1/orders") for _ in range(1_000)]
    assert [answer.status_code for answer in answers] == [200] * 40 + [429] * 960
    assert {(answer.headers["RateLimit-Remaining"], answer.json()["code"]) for answer in answers[40:]} == {
        ("0", "too_many_requests")
    }
    assert calm.get("/api/v1/orders").status_code == 200


def test_what_is_taken_is_seen_by_what_proves_that_nothing_was(hub):
    before = written()
    assert post(hub, "webhooks", ENDPOINT).status_code == 201
    assert written() != before
