"""HQ decides disputes and reads whose orders are and which look made up; each with the orders behind it."""

import csv
import io
import uuid

import pytest

from guides.actions import credits
from guides.actions.credits import Claim
from guides.models import CreditDispute
from members.models import Order
from tests import earning, serving, sharing, sights, world

DISPUTES, CREDITS = "/admin/guides/creditdispute/", "/admin/guides/credit/"
SIGNS = f"{CREDITS}suspicions/"


@pytest.fixture(autouse=True)
def _shops(noon):
    earning.shops()
    earning.buy("A1", "100.00", "2026-06-10")


def claim(staff_no="G2", order_no="A1", photo=None):
    return credits.dispute(
        order=Order.objects.get(order_no=order_no), post=serving.post(staff_no), claim=Claim("是我接待的", photo),
        ref=uuid.uuid4(), at=world.NOW,
    )  # fmt: skip


def decide(row, shares, reason="有照片", role="hq"):
    return sights.browser(role).post(f"{DISPUTES}{row.pk}/decide/", {"shares": shares, "reason": reason})


def test_what_she_says_stands_beside_whose_the_order_is_and_what_it_earned():
    row = claim(photo=sharing.picture("JPEG"))
    told = sights.text(sights.browser("hq").get(f"{DISPUTES}{row.pk}/change/"))
    for words in ("是我接待的", "小美", "¥100.00 × 3 % × 100 %", "photo/"):
        assert words in told
    photo = sights.browser("supervisor").get(f"{DISPUTES}{row.pk}/photo/")
    assert photo.content[:2] == b"\xff\xd8"


def test_an_auditor_reads_no_words_and_sees_no_photo():
    row = claim(photo=sharing.picture("JPEG"))
    auditor = sights.browser("auditor")
    for address in (DISPUTES, f"{DISPUTES}{row.pk}/change/"):
        assert "是我接待的" not in sights.text(auditor.get(address))
    assert auditor.get(f"{DISPUTES}{row.pk}/photo/").status_code == 403


def test_granted_in_shares_the_order_earns_for_who_is_named():
    row = claim()
    assert decide(row, "G2 66.67%\nG1 33.33").status_code == 302
    assert earning.credits_of() == [("decided", "G1", 3_333), ("decided", "G2", 6_667)]
    assert (earning.earned("G1"), earning.earned("G2")) == (100, 200)


def test_declined_the_order_stays_as_it_was():
    row = claim()
    assert decide(row, "").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decision, earning.earned("G1")) == ("declined", "有照片", 300)


@pytest.mark.parametrize("shares", ["G2 99", "G2", "G2 x", "nobody 100", "G2 50\nG2 50", "G2 -100", "G2 0\nG1 100"])
def test_shares_that_are_not_the_whole_stand_in_the_form(shares):
    row = claim()
    answer = decide(row, shares)
    assert answer.status_code == 422
    assert "hq-bad" in sights.text(answer)
    assert CreditDispute.objects.get().state == "open"
    assert earning.earned("G1") == 300


def test_a_manager_reads_disputes_of_her_store_and_decides_none():
    own, foreign = claim(), claim("G9")
    manager = sights.browser("manager")
    assert manager.get(f"{DISPUTES}{own.pk}/change/").status_code == 200
    assert manager.get(f"{DISPUTES}{foreign.pk}/change/").status_code == 404
    assert manager.post(f"{DISPUTES}{own.pk}/decide/", {"shares": "", "reason": "不"}).status_code == 403


def test_credits_are_found_by_the_number_of_the_order():
    earning.buy("A2", "50.00", "2026-06-11", staff_no="G2")
    hq = sights.browser("hq")
    found = sights.text(hq.get(f"{CREDITS}?q=A1"))
    assert "小美" in found
    assert "A2" not in found
    assert "A2" in sights.text(hq.get(f"{CREDITS}?staff=G2&role=seller"))


def phoned(staff_no, phone):
    world.staff({"staff_no": staff_no, "name": "小美", "phone": phone, "store_code": "SH01", "role": "guide"})


def signs(client):
    answer = client.post(f"{SIGNS}export/", {"format": "csv"})
    found = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))[1:]
    return [(row[0], row[1], row[3], row[5], row[6], row[7]) for row in found]


def test_an_order_of_her_own_is_a_sign_and_one_of_a_colleague_is_another():
    hq = sights.browser("hq")
    assert signs(hq) == []
    phoned("G1", "13800000001")
    earning.buy("A2", "50.00", "2026-06-11", staff_no="G2")
    assert signs(hq) == [
        ("本人消费计佣", "G1", "V1", "1", "100.00", "A1"),
        ("员工消费", "G1", "V1", "1", "50.00", "A2"),
    ]


def test_refunds_again_and_again_are_a_sign_from_the_third_on():
    hq = sights.browser("hq")
    earning.refund("10.00", "R1")
    earning.refund("10.00", "R2")
    assert signs(hq) == []
    earning.refund("10.00", "R3")
    assert signs(hq) == [("反复退款", "G1", "V1", "3", "30.00", "A1")]


def test_small_orders_are_a_sign_from_the_fourth_of_a_day_on():
    hq = sights.browser("hq")
    for number in range(3):
        earning.buy(f"S{number}", "99.99", f"2026-06-12T1{number}:00:00")
    earning.buy("S8", "99.99", "2026-06-13T00:00:00")
    earning.buy("S9", "100.00", "2026-06-12T20:00:00")
    assert signs(hq) == []
    earning.buy("S3", "0.01", "2026-06-12T23:59:59")
    assert signs(hq) == [("同日多笔小额", "G1", "V1", "4", "299.98", "S3 S2 S1 S0")]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_asks_no_more_than_a_dozen_questions(language):
    row = claim()
    phoned("G1", "13800000001")
    hq = sights.browser("hq", language)
    for address in (DISPUTES, f"{DISPUTES}{row.pk}/change/", f"{DISPUTES}{row.pk}/decide/", CREDITS, SIGNS):
        with sights.asked() as queries:
            assert hq.get(address).status_code == 200, address
        assert len(queries) <= sights.MOST_QUERIES, address


def test_a_manager_sees_signs_of_her_store_and_takes_no_file():
    phoned("G1", "13800000001")
    manager = sights.browser("manager")
    assert "张" in sights.text(manager.get(SIGNS))
    assert "A1" in sights.text(manager.get(SIGNS))
    assert manager.post(f"{SIGNS}export/", {"format": "csv"}).status_code == 403
