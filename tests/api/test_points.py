"""Points over the API: told, spent once whatever is sent again, put back, given; bad input changes nothing."""

import pytest

from members.actions import points
from members.actions.points import Name
from members.models import Member, PointsAccount, PointsEntry, PointsUse
from tests import world
from tests.api import machines

SPEND = "members/V1/points:spend"


def earn(amount, number="G1", member="V1"):
    row = Member.objects.get(member_no=member)
    points.earn(member=row, points=amount, name=Name("mall", number), at=world.NOW)


@pytest.fixture(scope="module")
def chain(long_noon):
    world.chain()


@pytest.fixture
def till(chain, noon):
    earn(100)
    return machines.machine()


def books():
    return [list(model.objects.order_by("pk").values()) for model in (PointsAccount, PointsEntry, PointsUse)]


def sent(**more):
    return {"source": "pos", "source_no": "S1", "points": 60, **more}


def balance(till, member="V1"):
    return till.get(f"/api/v1/members/{member}/points").json()["balance"]


def test_a_member_is_told_what_she_holds_and_when_it_ends(till):
    assert till.get("/api/v1/members/V1/points").json() == {
        "member_no": "V1", "balance": 100, "pending": 0, "debt": 0, "ending": [{"month": "2027-06", "points": 100}],
    }  # fmt: skip
    assert till.get("/api/v1/members/V2/points").json()["balance"] == 0


def test_spending_without_a_key_is_done_once(till):
    first, again = (machines.post(till, SPEND, sent()) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"source": "pos", "source_no": "S1", "points": 60}
    assert balance(till) == 40


def test_spending_with_a_key_meets_the_same_answer(till):
    first, again = (machines.post(till, SPEND, sent(), Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert machines.post(till, SPEND, sent(), Idempotency_Key="another").status_code == 200
    assert balance(till) == 40


def test_spending_and_putting_back_in_parts(till):
    machines.post(till, SPEND, sent())
    back = {"source": "pos", "source_no": "S1", "reversal_no": "R1", "points": 25}
    assert machines.post(till, "points:reverse", back).status_code == 201
    assert machines.post(till, "points:reverse", back).status_code == 200
    assert machines.post(till, "points:reverse", {**back, "reversal_no": "R2", "points": 36}).status_code == 409
    assert (
        machines.post(till, "points:reverse", {"source": "pos", "source_no": "S1", "reversal_no": "R3"}).json()[
            "points"
        ]
        == 35
    )
    assert balance(till) == 100


def test_giving_is_zero_sum_and_earning_is_done_once(till):
    assert machines.post(till, "members/V1/points:give", sent(to="V2")).status_code == 201
    assert (balance(till), balance(till, "V2")) == (40, 60)
    assert [machines.post(till, "members/V2/points:earn", sent(source="mall")).status_code for _ in range(2)] == [
        201,
        200,
    ]
    assert balance(till, "V2") == 120


def test_entries_are_listed_page_by_page(till):
    machines.post(till, SPEND, sent(reason="抵现"))
    first = till.get("/api/v1/members/V1/points/entries?limit=1").json()
    second = till.get(f"/api/v1/members/V1/points/entries?limit=1&after={first['next']}").json()
    rows = [*first["items"], *second["items"]]
    assert [(row["kind"], row["points"]) for row in rows] == [("earn", 100), ("spend", -60)]
    assert (second["next"], rows[1]["reason"]) == (None, "抵现")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        *(({"points": wrong}, 422) for wrong in (0, -1, 1.5, True, "１２", "12", 2**63, None, [], 10**9 + 1)),
        ({"points": 101}, 409),
        ({"source": ""}, 422),
        ({"source_no": " "}, 422),
        ({"source_no": 12}, 422),
        ({"source_no": "x" * 101}, 422),
        ({"reason": "x" * 201}, 422),
        ({"partly": "yes"}, 422),
        ({"more": "1"}, 422),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_cannot_be_spent_is_refused_in_words_and_nothing_moves(till, more, status, language):
    before = books()
    answer = machines.client(machines.key(of=machines.account("second")).text, language)
    answer = machines.post(answer, SPEND, sent(**more))
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["title"]
    assert books() == before


@pytest.mark.parametrize("address", ["members/V9/points:spend", "members/V9/points:earn", "members/V9/points:give"])
def test_an_unknown_member_has_no_points(till, address):
    before = books()
    assert machines.post(till, address, sent(**({"to": "V2"} if "give" in address else {}))).status_code == 404
    assert books() == before


def test_a_number_used_for_something_else_is_refused(till):
    machines.post(till, SPEND, sent())
    before = books()
    answer = machines.post(till, SPEND, sent(points=61))
    assert (answer.status_code, answer.json()["code"]) == (409, "another_move")
    assert books() == before


def test_a_key_of_one_store_reaches_its_own_members_alone(till):
    own = machines.machine(of=machines.account("till", "GZ01"))
    before = books()
    assert machines.post(own, SPEND, sent()).status_code == 404
    machines.post(till, SPEND, sent())
    back = {"source": "pos", "source_no": "S1", "reversal_no": "R1"}
    assert machines.post(own, "points:reverse", back).json()["code"] == "unknown_spending"
    assert machines.post(till, "points:reverse", back).status_code == 201
    assert len(books()[1]) == len(before[1]) + 2


def test_a_key_that_may_only_look_moves_nothing(till):
    reader = machines.machine("points:view", of=machines.account("reader"))
    before = books()
    assert machines.post(reader, SPEND, sent()).status_code == 403
    assert books() == before
    assert balance(reader) == 100


AT_TILL = "points:earn"
PHONE = {"kind": "phone", "value": "+86 138 0000 0001"}


def code_of(till, member="V1"):
    return till.get(f"/api/v1/members/{member}/code").json()["code"]


def test_whoever_stands_at_the_till_earns_by_her_number_her_code_or_an_identity(till):
    ways = [{"member_no": "V1"}, {"member_code": code_of(till)}, {"identity": PHONE}]
    for number, way in enumerate(ways):
        body = sent(source_no=f"T{number}", points=10, **way)
        assert [machines.post(till, AT_TILL, body).status_code for _ in range(2)] == [201, 200], way
    assert balance(till) == 130
    assert machines.post(till, "member-codes:verify", {"code": code_of(till), "source": "pos", "source_no": "T1"}).json()[
        "points"
    ] == 130  # fmt: skip


def test_a_code_counts_for_one_number_alone(till):
    code = code_of(till)
    assert machines.post(till, AT_TILL, sent(member_code=code)).status_code == 201
    before = books()
    again = machines.post(till, AT_TILL, sent(source_no="S2", member_code=code))
    assert (again.status_code, again.json()["code"]) == (409, "member_code_taken")
    assert books() == before


@pytest.mark.parametrize(
    ("way", "status", "field"),
    [({}, 422, "member_no"), ({"member_no": "V1", "identity": PHONE}, 422, "member_no"), ({"member_no": 7}, 422, "member_no"),
     ({"member_no": "V9"}, 404, None), ({"member_code": "0" * 18}, 409, None), ({"member_code": 7}, 422, "member_code"),
     ({"member_code": ["1"]}, 422, "member_code"), ({"identity": "x"}, 422, "identity"), ({"identity": {"kind": "phone"}}, 422, "identity.value"),
     ({"identity": {**PHONE, "x": 1}}, 422, "identity.x"), ({"identity": {"kind": "fax", "value": "1"}}, 422, "identity.kind"),
     ({"identity": {"kind": "card", "value": "K0"}}, 404, None), ({"member_no": "V1", "points": True}, 422, "points")],
)  # fmt: skip
def test_who_is_named_in_no_way_or_in_two_earns_nothing(till, way, status, field):
    before = books()
    answer = machines.post(till, AT_TILL, sent(**way))
    assert answer.status_code == status, answer.content
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])
    assert books() == before


def test_a_key_names_members_in_the_ways_its_rights_allow_and_within_its_sight(till):
    plain = machines.machine("points:view", "points:change", of=machines.account("mall"))
    before = books()
    for way in ({"identity": PHONE}, {"member_code": code_of(till)}):
        assert machines.post(plain, AT_TILL, sent(**way)).status_code == 403
    far = machines.machine(of=machines.account("till", "GZ01"))
    for way in ({"member_no": "V1"}, {"identity": PHONE}, {"member_code": code_of(till)}):
        assert machines.post(far, AT_TILL, sent(**way)).status_code == 404
    assert books() == before
    assert machines.post(plain, AT_TILL, sent(member_no="V1")).status_code == 201
