"""The demo's files go in by the usual doors, once; a few people can sign in; days are added."""

import json
import stat
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from analytics.actions import facts
from members.models import Member, Order, OrderLine, Refund
from newretail.demo import aims, load, logins, replay, talk
from newretail.demo.shape import shape
from newretail.kernel import clock
from stores.actions import posts
from stores.models import Post, TargetPlan, WeeklyReview

TODAY = date(2026, 3, 18)
NOW = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)


def say(_name: str, _text: str) -> None:
    pass


@pytest.fixture
def folder(tmp_path: Path, brand: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder; the brand at work takes the demo's part, with a dozen households."""

    def apart(where: Path, *days: Any) -> dict[str, Any]:
        if len(days) == 1:
            return asdict(shape(where, today=days[0], households=12))
        since, until, last_real, *hour = days
        so_far = hour[0] if hour else None
        return {"orders": replay.write_days(where, since=since, until=until, last_real=last_real, so_far=so_far)}

    monkeypatch.setattr(load, "BRAND", brand.code)
    monkeypatch.setattr(load, "apart", apart)
    monkeypatch.setattr(load, "today", lambda: TODAY)
    return tmp_path


def test_an_empty_brand_gets_files_of_its_own_day_and_nothing_is_imported_twice(folder):
    (folder / "shape.json").write_text(json.dumps({"today": "2001-01-01"}))
    assert load.data(folder, say) is True
    counts = json.loads((folder / "shape.json").read_text())
    held = {"members": Member, "orders": Order, "order_lines": OrderLine, "refunds": Refund}
    assert counts["today"] == TODAY.isoformat()
    assert {name: model.objects.count() for name, model in held.items()} == {name: counts[name] for name in held}
    assert load.data(folder, say) is False


def test_a_tick_adds_each_missing_day_once_also_when_one_was_cut_off(folder):
    load.data(folder, say)
    before, lines = Order.objects.count(), OrderLine.objects.count()
    last = date.fromisoformat(json.loads((folder / "shape.json").read_text())["last_day"])
    replay.write_days(folder, since=last + timedelta(days=1), until=TODAY, last_real=last)
    cut_off = load.take("orders", folder / "replayed_orders.csv", say)["created"]
    assert OrderLine.objects.count() == lines
    added = load.tick(folder, until=TODAY + timedelta(days=9), say=say)
    assert min(cut_off, added) > 0
    assert Order.objects.count() == before + cut_off + added
    lined = Order.objects.filter(lines__isnull=False).distinct()
    assert lined.filter(source="demo-derived").count() == cut_off + added
    assert load.tick(folder, until=TODAY + timedelta(days=9), say=say) == 0


def test_the_running_day_has_orders_up_to_this_hour_and_is_made_whole_later(folder):
    load.data(folder, say)
    models = Order.objects.filter(source="demo", paid_at__gt=NOW - timedelta(days=350)).order_by("paid_at")
    by_day: dict[date, list[datetime]] = {}
    for at in models.values_list("paid_at", flat=True):
        by_day.setdefault(clock.business_day(at), []).append(at.astimezone(clock.brand_zone()))
    day, times = next((day, times) for day, times in by_day.items() if len(times) > 1)
    last = day + timedelta(days=364)
    load.tick(folder, until=last, so_far=times[-1].time(), say=say)
    of_day = Order.objects.filter(paid_at__gte=clock.day_start(last))
    assert 0 < of_day.count() < len(times)
    assert load.tick(folder, until=last, so_far=times[-1].time(), say=say) == 0
    load.tick(folder, until=last + timedelta(days=1), say=say)
    assert of_day.count() == len(times)


def test_managers_and_hq_have_spoken_of_the_last_weeks_once(folder):
    load.data(folder, say)
    facts.refresh(first=TODAY - timedelta(days=60), last=TODAY, at=NOW)
    assert talk.review(today=TODAY) == 0  # nobody of HQ is there yet
    posts.admit(username="hq", password="a-long-password-1", name="总部", role="hq", at=NOW)
    said = talk.review(today=TODAY)
    sides = set(WeeklyReview.objects.values_list("side", flat=True))
    assert (said, sides) == (WeeklyReview.objects.count(), {"comment", "answer"})
    assert all(row.monday < TODAY - timedelta(days=TODAY.weekday()) for row in WeeklyReview.objects.iterator())
    assert talk.review(today=TODAY) == 0


def test_one_person_of_each_role_can_sign_in_and_keeps_the_password(folder, monkeypatch):
    load.apart(folder, TODAY)
    for kind in ("stores", "staff"):
        load.take(kind, folder / f"{kind}.csv", say)
    monkeypatch.setattr(logins, "REGION", Post.objects.filter(role="supervisor")[0].region.name)
    (folder / "secret").mkdir()
    logins.prepare(folder, at=NOW)
    kept = logins.kept(folder)
    logins.prepare(folder, at=NOW)
    assert logins.kept(folder) == kept
    request = RequestFactory().get("/")
    for role in logins.ROLES:
        user = authenticate(request, **json.loads(kept)[role])
        assert Post.objects.filter(user=user, role=role, until=None).exists()
    mode = (folder / "secret" / "demo.json").stat().st_mode
    assert stat.S_IMODE(mode) == stat.S_IRUSR | stat.S_IWUSR


def test_the_month_gets_targets_once_from_the_year_before(folder):
    load.data(folder, say)
    facts.refresh(first=TODAY - timedelta(days=400), last=TODAY, at=NOW)
    assert aims.plan(today=TODAY, at=NOW) >= 1
    assert aims.plan(today=TODAY, at=NOW) == 0
    plan = TargetPlan.objects.filter(metric="sales").latest("month")
    assert plan.month == TODAY.replace(day=1)
    assert set(TargetPlan.objects.values_list("version", flat=True)) == {1}
    assert {target.kind for target in plan.targets.iterator()} >= {"brand", "region", "store"}
