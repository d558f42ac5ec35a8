"""HQ brings a month to the pay, takes its files, adjusts by hand; regions and stores see what is theirs."""

import csv
import io
import uuid
from datetime import date
from decimal import Decimal

import pytest

from guides.actions import commission_months
from guides.models import CommissionEntry, CommissionMonth, CommissionStatement
from newretail.kernel.models import JournalEntry
from tests import earning, serving, sights, world

MONTHS, STATEMENTS, LINES, ACCOUNTS = (
    f"/admin/guides/{noun}/"
    for noun in ("commissionmonth", "commissionstatement", "commissionentry", "commissionaccount")
)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _shops(noon):
    earning.shops()
    earning.buy("A1", "100.00", "2026-04-10")
    earning.buy("A9", "50.00", "2026-04-11", staff_no="G9", member_no="V2", store_code="GZ01")


def do(client, name, month="2026-04", **more):
    return sights.text(client.post(f"{MONTHS}do/", {"month": month, "do": name, **more}, follow=True))


def state():
    return CommissionMonth.objects.get(month=APRIL).state


def page():
    return f"{MONTHS}{CommissionMonth.objects.get(month=APRIL).pk}/change/"


def test_hq_brings_a_month_from_its_list_to_the_pay_step_by_step():
    hq = sights.browser("hq")
    listed = sights.text(hq.get(MONTHS))
    assert "2026-04" in listed
    assert "核算" in listed
    assert "¥4.50" in do(hq, "compute")
    assert "还有 2 份月结单未复核" in do(hq, "close")
    assert state() == "computed"
    for name, reached in (("close", "closed"), ("export", "exported"), ("pay", "paid")):
        do(hq, name, unreviewed="1")
        assert state() == reached
    assert "已关账" in do(hq, "compute")
    assert earning.held() == (0, 0, 0, 300, 0)


@pytest.mark.parametrize("given", [
    {"month": "2026-04", "do": "moon"}, {"month": "2026-4", "do": "compute"}, {"month": "\0", "do": "compute"}, {},
    {"month": "2026-06", "do": "compute"}, {"month": "2026-04", "do": "pay"},
])  # fmt: skip
def test_what_cannot_be_done_to_a_month_is_answered_and_nothing_is_kept(given):
    assert sights.browser("hq").post(f"{MONTHS}do/", given).status_code == 302
    assert not CommissionMonth.objects.exists()


def test_only_hq_brings_months_on_and_only_who_may_takes_files():
    commission_months.compute(month=APRIL, at=world.NOW)
    manager, auditor = sights.browser("manager"), sights.browser("auditor")
    for client in (manager, auditor):
        assert client.post(f"{MONTHS}do/", {"month": "2026-04", "do": "close"}).status_code == 403
        assert client.get(f"{LINES}adjust/").status_code == 403
    assert manager.post(f"{MONTHS}take/", {"month": "2026-04", "what": "gross"}).status_code == 403
    assert b"3.00" in taken(auditor, "gross")
    assert state() == "computed"


def test_a_month_is_closed_in_two_steps_beside_which_no_other_button_says_close():
    commission_months.compute(month=APRIL, at=world.NOW)
    hq = sights.browser("hq")
    asked, sure = sights.text(hq.get(page())).split("2026-04 关账，不可撤回")
    assert 'value="close"' not in asked
    assert 'value="close"' in sure
    assert "submit-row" not in asked + sure
    do(hq, "close", unreviewed="1")
    do(hq, "export")
    do(hq, "pay")
    assert "/do/" not in sights.text(hq.get(page()))


def test_the_pages_of_a_statement_a_line_and_an_account_are_named_after_whose_they_are():
    earning.settle(APRIL)
    hq, statement = sights.browser("hq"), CommissionStatement.objects.get(account__user__staff_no="G1")
    entry = CommissionEntry.objects.filter(account=statement.account, kind="accrue").first()
    for address, name in ((f"{STATEMENTS}{statement.pk}", "2026-04 · 小美"), (f"{LINES}{entry.pk}", "佣金 3.00"),
                          (f"{ACCOUNTS}{statement.account_id}", "小美")):  # fmt: skip
        assert f"<title> {name} |" in " ".join(sights.text(hq.get(f"{address}/change/")).split())


def test_a_manager_sees_what_her_own_store_earned():
    commission_months.compute(month=APRIL, at=world.NOW)
    manager = sights.browser("manager")
    for address in (MONTHS, page(), f"{STATEMENTS}?month=2026-04", LINES, ACCOUNTS):
        told = sights.text(manager.get(address))
        assert "¥3.00" in told
        assert "¥1.50" not in told
        assert "¥4.50" not in told
    assert "/do/" not in sights.text(manager.get(page()))
    foreign = CommissionStatement.objects.get(account__user__staff_no="G9")
    assert manager.get(f"{STATEMENTS}{foreign.pk}/change/").status_code == 404


def taken(client, what, form="csv", month="2026-04"):
    answer = client.post(f"{MONTHS}take/", {"month": month, "what": what, "format": form})
    assert answer.status_code == 200
    file = b"".join(answer.streaming_content)
    if form == "xlsx":
        for close in answer._resource_closers:
            close()
    return file


def rows(client, what, month="2026-04"):
    return list(csv.reader(io.StringIO(taken(client, what, month=month).decode("utf-8-sig"))))[1:]


def test_files_of_a_month_add_up_and_say_who_took_them():
    earning.settle(APRIL)
    hq = sights.browser("hq")
    gross, lines, booked = (rows(hq, what) for what in ("gross", "lines", "booked"))
    assert [(row[0], row[2], row[-1]) for row in gross] == [("G1", "SH01", "3.00"), ("G9", "GZ01", "1.50")]
    assert [(row[0], row[2], row[9]) for row in lines] == [("G1", "A1", "3.00"), ("G9", "A9", "1.50")]
    assert booked == [
        ["GZ01", "销售费用—佣金", "1.50", "0.00"], ["GZ01", "应付职工薪酬", "0.00", "1.50"],
        ["SH01", "销售费用—佣金", "3.00", "0.00"], ["SH01", "应付职工薪酬", "0.00", "3.00"],
    ]  # fmt: skip
    assert taken(hq, "gross", "xlsx").startswith(b"PK")
    found = JournalEntry.objects.filter(name="kernel.export.taken").order_by("id")
    assert [(line.subject, line.by.username) for line in found] == [
        (f"export:commission_{what}", "hq") for what in ("gross", "lines", "booked", "gross")
    ]


def test_what_is_booked_balances_also_when_a_debt_is_carried_and_paid_back():
    earning.settle(APRIL)
    earning.refund("100.00")
    earning.buy("B9", "50.00", "2026-05-02", staff_no="G9", member_no="V2", store_code="GZ01")
    hq = sights.browser("hq")
    carried = [["SH01", "销售费用—佣金", "0.00", "3.00"], ["SH01", "其他应收款—导购", "3.00", "0.00"]]
    assert [row for row in rows(hq, "booked", "2026-05") if row[0] == "SH01"] == carried
    earning.settle(MAY)
    earning.buy("A3", "100.00", "2026-06-01")
    recovered = [
        ["SH01", "销售费用—佣金", "3.00", "0.00"], ["SH01", "其他应收款—导购", "0.00", "0.90"],
        ["SH01", "应付职工薪酬", "0.00", "2.10"],
    ]  # fmt: skip
    assert rows(hq, "booked", "2026-06") == recovered
    for month in ("2026-04", "2026-05", "2026-06"):
        found = rows(hq, "booked", month)
        assert sum(Decimal(row[2]) for row in found) == sum(Decimal(row[3]) for row in found)


def test_a_statement_shows_each_line_and_what_it_was_reckoned_from():
    commission_months.compute(month=APRIL, at=world.NOW)
    row = CommissionStatement.objects.get(account__user__staff_no="G1")
    for language, words in (
        ("zh-hans", "¥100.00 × 3 % × 100 % · 等级 1 · 方案第 1 版"),
        ("en", "level 1 · scheme, version 1"),
    ):
        told = sights.text(
            sights.browser("hq" if language == "en" else "auditor", language).get(f"{STATEMENTS}{row.pk}/change/")
        )
        assert words in told


def test_statements_are_narrowed_by_month_store_review_and_debt():
    commission_months.compute(month=APRIL, at=world.NOW)
    commission_months.review(
        statement=CommissionStatement.objects.get(account__user__staff_no="G1"),
        seen_cents=300,
        at=world.NOW,
        by=earning.boss(),
    )
    hq = sights.browser("hq")
    for words, of_shanghai, of_guangzhou in (
        ("month=2026-04", True, True), ("month=2026-05", False, False), ("reviewed=no", False, True),
        ("reviewed=yes", True, False), ("debt=yes", False, False),
        (f"store={serving.post('G1').store_id}", True, False),
    ):  # fmt: skip
        told = sights.text(hq.get(f"{STATEMENTS}?{words}"))
        assert ("¥3.00" in told, "¥1.50" in told) == (of_shanghai, of_guangzhou), words
    assert hq.get(f"{STATEMENTS}?month=May").status_code == 302


def test_lines_are_found_by_the_number_of_an_order():
    hq = sights.browser("hq")
    assert "¥3.00" in sights.text(hq.get(f"{LINES}?q=A1"))
    assert "¥1.50" not in sights.text(hq.get(f"{LINES}?q=A1"))
    assert "¥1.50" in sights.text(hq.get(f"{LINES}?staff=G9&month=2026-04&kind=accrue"))


ADJUST = {"staff_no": "G1", "month": "2026-05", "amount": "-0.50", "reason": "多发", "once": str(uuid.UUID(int=1))}


def test_an_adjustment_sent_twice_counts_once():
    hq = sights.browser("hq")
    for _time in range(2):
        assert hq.post(f"{LINES}adjust/", ADJUST).status_code == 302
    assert list(CommissionEntry.objects.filter(kind="adjust").values_list("amount_cents", "reason")) == [(-50, "多发")]


@pytest.mark.parametrize("given", [
    {"staff_no": "nobody"}, {"month": "May"}, {"amount": "1.005"}, {"amount": "0"}, {"reason": " "}, {"once": "1"},
    {"month": "2026-04"}, {"amount": "１２"},
])  # fmt: skip
def test_what_is_no_adjustment_stands_in_the_form(given):
    earning.settle(APRIL)
    answer = sights.browser("hq").post(f"{LINES}adjust/", {**ADJUST, **given})
    assert answer.status_code == 422
    assert "hq-bad" in sights.text(answer)
    assert not CommissionEntry.objects.filter(kind="adjust").exists()


def test_no_more_of_a_debt_is_written_off_than_is_owed():
    earning.settle(APRIL)
    earning.refund("100.00")
    earning.settle(MAY)
    hq, given = sights.browser("hq"), {"staff_no": "G1", "reason": "离职", "once": str(uuid.UUID(int=2))}
    assert earning.held()[-1] == 300
    assert hq.post(f"{LINES}write-off/", {**given, "amount": "3.01"}).status_code == 422
    assert hq.post(f"{LINES}write-off/", {**given, "amount": "3.00"}).status_code == 302
    assert earning.held()[-1] == 0


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_asks_no_more_than_a_dozen_questions(language):
    for number in range(8):
        earning.buy(f"C{number}", "20.00", f"2026-04-{12 + number}", staff_no="G2")
    commission_months.compute(month=APRIL, at=world.NOW)
    hq, row = sights.browser("hq", language), CommissionStatement.objects.get(account__user__staff_no="G2")
    entry = CommissionEntry.objects.filter(kind="accrue").first()
    for address in (MONTHS, page(), STATEMENTS, f"{STATEMENTS}{row.pk}/change/", LINES, f"{LINES}{entry.pk}/change/",
                    ACCOUNTS, f"{LINES}adjust/", f"{LINES}write-off/"):  # fmt: skip
        with sights.asked() as queries:
            assert hq.get(address).status_code == 200, address
        assert len(queries) <= sights.MOST_QUERIES, address
