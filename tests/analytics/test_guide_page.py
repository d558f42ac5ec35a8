"""A guide's days on the page of her manager: the figures of each day, within sight alone, at one cost."""

from datetime import date, timedelta

import pytest

from analytics.actions import facts
from guides.actions.shares import Visit
from guides.models import Share
from newretail.kernel.actions import relay
from tests import serving, sharing, sights, world

pytestmark = pytest.mark.usefixtures("noon")
PAGE = "/stores/SH01/guides/G1/"


def worked():
    """小美 sold, contacted and shared today; her link was opened."""
    serving.shops()
    world.buy(world.order("A1", "100", "2026-06-15T09:00:00", member_no="V1", store_code="SH01", staff_no="G1"))
    task = serving.give("V1", "G1", brief=serving.brief(purpose="service"), due=timedelta(hours=1))
    serving.complete(task)
    sharing.material()
    sharing.opened(sharing.share())
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)


def test_each_day_shows_what_she_did_and_the_total_sums_them():
    worked()
    page = sights.browser("manager").get(PAGE)
    rows = {row["day"].isoformat(): [cell["figure"] for cell in row["cells"]] for row in page.context["rows"]}
    assert len(rows) == 28
    assert rows["2026-06-15"] == ["¥100", "1", "1", "1 / 1", "1", "1", "1", "1"]
    assert rows["2026-06-14"] == ["¥0", "0", "0", "0 / 0", "0", "0", "0", "0"]
    assert [cell["figure"] for cell in page.context["total"]] == rows["2026-06-15"]
    assert len(sights.browser("supervisor").get(PAGE, {"weeks": "8"}).context["rows"]) == 56
    assert PAGE in sights.text(sights.browser("auditor").get("/stores/SH01/guides/"))


def test_openings_of_today_are_seen_at_once_and_those_of_past_days_once_only():
    worked()
    shared = Share.objects.get()
    sharing.opened(shared, Visit("203.0.113.8", "WeChat"), at=world.NOW - timedelta(days=1))
    client = sights.browser("manager")

    def opens():
        days = {row["day"].isoformat(): row["cells"][-1]["figure"] for row in client.get(PAGE).context["rows"]}
        of_store = client.get("/stores/SH01/guides/?span=month&sort=name").context["rows"][0]["cells"][8]["figure"]
        return days["2026-06-14"], days["2026-06-15"], of_store

    assert opens() == ("1", "1", "2")
    facts.mark_opened(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    assert opens() == ("1", "1", "2")
    sharing.opened(shared, Visit("203.0.113.9", "WeChat"), at=world.NOW)
    facts.refresh(first=date(2026, 6, 14), last=date(2026, 6, 16), at=world.NOW)
    assert opens() == ("1", "2", "3")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [("manager", PAGE, 200), ("manager", "/stores/SH01/guides/G9/", 404), ("manager", "/stores/SH01/guides/none/", 404),
     ("manager", "/stores/GZ01/guides/G9/", 404), ("guide", PAGE, 403), ("hq", "/stores/GZ01/guides/G9/", 200)],
)  # fmt: skip
def test_only_who_serves_there_is_shown_to_who_sees_the_store(role, path, status):
    serving.shops()
    assert sights.browser(role).get(path, {"weeks": "x"}).status_code == status


def test_the_page_asks_at_most_twelve_questions():
    worked()
    client = sights.browser("manager")
    with sights.asked() as asked:
        client.get(PAGE)
    assert len(asked) <= sights.MOST_QUERIES
