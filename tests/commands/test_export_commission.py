"""manage.py export_commission: everybody's gross of a month, and lines that add up to it, reckoned by hand."""

import csv
import io
import json
import stat
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from guides.actions import commission_adjustments
from newretail.kernel.models import JournalEntry
from tests import earning, serving, world

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture
def shops(brand):
    earning.shops()


def export(path, month, *words):
    out, err = io.StringIO(), io.StringIO()
    call_command("export_commission", str(path), "--brand", "acme", "--month", month, *words, stdout=out, stderr=err)
    return json.loads(out.getvalue().splitlines()[-1]), err.getvalue()


def rows(path, month, *words):
    path.unlink(missing_ok=True)
    export(path, month, *words)
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def gross(path, month):
    """The gross of each person, having looked that her lines add up to it."""
    lines, sums = rows(path, month, "--lines"), {}
    for line in lines:
        sums[line["staff_no"]] = sums.get(line["staff_no"], Decimal(0)) + Decimal(line["amount"])
    found = {row["staff_no"]: row["gross"] for row in rows(path, month)}
    assert {who: Decimal(text) for who, text in found.items()} == sums
    return found, [(line["staff_no"], line["kind"], line["amount"]) for line in lines]


def test_the_lines_of_each_person_are_her_gross_also_when_a_debt_is_carried_and_paid_back(shops, tmp_path):
    path = tmp_path / "pay.csv"
    earning.buy("A1", "100.00", "2026-02-10")
    earning.buy("B1", "33.33", "2026-02-11", staff_no="G2")
    earning.settle(FEBRUARY)
    assert gross(path, "2026-02") == (
        {"G1": "3.00", "G2": "1.00"},
        [("G1", "accrue", "3.00"), ("G2", "accrue", "1.00")],
    )
    earning.buy("A2", "50.00", "2026-03-02")
    earning.refund("100.00")
    carried = [("G1", "accrue", "1.50"), ("G1", "claw_back", "-3.00"), ("G1", "carry", "1.50")]
    assert gross(path, "2026-03") == ({"G1": "0.00"}, carried)
    earning.settle(MARCH)
    assert gross(path, "2026-03") == ({"G1": "0.00"}, carried)
    earning.buy("A3", "100.00", "2026-04-02")
    recovered = [("G1", "accrue", "3.00"), ("G1", "recover", "-0.90")]
    assert gross(path, "2026-04") == ({"G1": "2.10"}, recovered)
    earning.settle(APRIL)
    assert gross(path, "2026-04") == ({"G1": "2.10"}, recovered)
    assert gross(path, "2026-02")[0] == {"G1": "3.00", "G2": "1.00"}


def test_a_line_says_what_it_was_reckoned_from(shops, tmp_path):
    earning.buy("=A1", "100.00", "2026-02-10")
    user, by = serving.guide("G1"), earning.boss()
    commission_adjustments.adjust(
        user=user, month=FEBRUARY, cents=-5, reason="补扣", ref=uuid.uuid4(), at=world.NOW, by=by
    )
    commission_adjustments.adjust(user=serving.guide("G2"), month=FEBRUARY, cents=1_200, reason="奖", ref=uuid.uuid4(),
                                  at=world.NOW, by=by)  # fmt: skip
    assert [list(row.values()) for row in rows(tmp_path / "pay.csv", "2026-02", "--lines")] == [
        ["G1", "'=A1", "pos", "0", "accrue", "100.00", "300", "10000", "3.00", "1", "1"],
        ["G1", "", "", "", "adjust", "0.00", "0", "0", "-0.05", "", ""],
        ["G2", "", "", "", "adjust", "0.00", "0", "0", "12.00", "", ""],
    ]
    assert gross(tmp_path / "pay.csv", "2026-02")[0] == {"G1": "2.95", "G2": "12.00"}


def test_the_file_says_how_far_the_month_is_and_is_its_owners_alone(shops, tmp_path):
    path = tmp_path / "pay.csv"
    earning.buy("A1", "100.00", "2026-02-10")
    told, warned = export(path, "2026-02")
    assert (told["state"], told["rows"], stat.S_IMODE(path.stat().st_mode)) == ("open", 1, 0o600)
    assert "未核算" in warned
    earning.settle(FEBRUARY)
    told, warned = export(path, "2026-02")
    assert (told["state"], warned) == ("paid", "")
    taken = JournalEntry.objects.filter(name="kernel.export.taken").latest("id")
    assert (taken.subject, taken.facts["rows"]) == ("export:commission_gross", 1)


def test_a_month_of_nobody_is_an_empty_file_and_no_month_is_refused(shops, tmp_path):
    assert gross(tmp_path / "pay.csv", "2026-01") == ({}, [])
    for text in ("2026-13", "202601", "2026-1", "９９９９-01"):
        with pytest.raises(CommandError, match="不是"):
            export(tmp_path / "no.csv", text)
    assert not (tmp_path / "no.csv").exists()
