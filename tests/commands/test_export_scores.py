"""manage.py export_scores: one file, whole or not at all, for its owner's eyes."""

import csv
import io
import stat

import pytest
from django.core.management import CommandError, call_command

from newretail.kernel.models import JournalEntry
from tests import world


@pytest.fixture
def trade(brand):
    world.chain()
    world.people({"member_no": "=V9", "joined_at": "2025-01-01"})
    world.buy(world.order("A1", "12.50", "2026-06-01T10:00:00", member_no="V1"))
    return brand


def export(path, *words):
    out = io.StringIO()
    call_command("export_scores", str(path), "--brand", "acme", *words, stdout=out)
    return out.getvalue()


def test_the_file_is_whole_safe_and_its_owners_alone(trade, tmp_path):
    path = tmp_path / "scores.csv"
    assert '"rows": 3' in export(path, "--as-of", "2026-06-15")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert [row["member_no"] for row in rows] == ["'=V9", "V1", "V2"]
    assert (rows[1]["frequency"], rows[1]["monetary"], rows[0]["r"]) == ("1", "12.50", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert JournalEntry.objects.get(name="kernel.export.taken").facts["rows"] == 3


def test_what_is_no_file_of_ours_is_left_alone(trade, tmp_path):
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    for path in (tmp_path, link, tmp_path / "nowhere" / "scores.csv"):
        with pytest.raises(CommandError):
            export(path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["link"]


def test_a_day_to_come_is_refused(trade, tmp_path):
    with pytest.raises(CommandError):
        export(tmp_path / "scores.csv", "--as-of", "2099-01-01")
    assert list(tmp_path.iterdir()) == []
