"""A new customer scans a guide's code, is greeted late, and the store's page counts both."""

from datetime import date, timedelta

import time_machine

from guides.actions import recruits, task_rules
from guides.models import Bond
from newretail.kernel import clock
from newretail.kernel.actions import jobs, relay
from stores.actions import posts
from stores.models import Store
from tests import serving, sights, world
from tests.journeys.conftest import SIZES
from tests.journeys.test_guide_day import moves, on_a_phone, too_small
from tests.journeys.test_hq_day import sign_in, too_wide
from tests.members import consenting

LATE, NEXT_DAY = world.NOW + timedelta(hours=26), date(2026, 6, 16)


def code():
    """The code of 小美, who signs in; the rules of the product give her tasks."""
    store = Store.objects.get(code="SH01")
    posts.admit(username="G1", password=sights.PASSWORD, name="小美", role="guide", at=world.NOW, store=store)
    consenting.texts()
    task_rules.add_examples(at=world.NOW)
    return recruits.make(post=serving.post("G1"), scene="phone", at=world.NOW, by=serving.guide("G1")).token


def counted():
    """Count the days of guides anew, as the night does."""
    jobs.perform(run=jobs.enter(name="refresh_facts", as_of=NEXT_DAY, at=clock.now()))


def at_desk(page):
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["desk"], strict=True)))


def join(page, token):
    page.goto(f"/j/{token}/")
    page.wait_for_load_state()
    assert too_wide(page) <= 0
    page.fill("[name=phone]", "139 1111 2222")
    page.fill("[name=name]", "王五")
    page.check("[name=allow-service]")
    page.click("text=立即加入")
    page.locator("text=欢迎加入").wait_for()


@on_a_phone
def test_a_new_customer_who_is_greeted_late_counts_as_late_and_as_recruited(page, aside):
    join(page, aside(code))
    aside(lambda: relay.drain(at=clock.now()))
    sign_in(page, "G1")
    page.locator(".g-card", has_text="王五").locator("text=新客问候").wait_for()
    with time_machine.travel(LATE, tick=True):
        page.goto("/g/")
        card = page.locator(".g-card", has_text="王五")
        card.locator(".g-due.late").wait_for()
        assert too_small(page) == []
        card.locator("text=标记完成").click()
        page.locator(".g-card.done", has_text="王五").wait_for()
        assert aside(moves) == ["done"]
        aside(counted)
        page.goto("/g/results/")
        assert "按时 0 · 逾期 1" in page.locator("li", has_text="一天内问候新客").inner_text()
        page.context.clear_cookies(name="sessionid")
        at_desk(page)
        sign_in(page, "manager")
        greeted = page.locator("#service li", has_text="一天内问候新客")
        assert "按时 0 · 逾期 1" in greeted.inner_text()
        assert page.locator("#service tr", has_text="小美").locator("td").last.inner_text() == "1"
        assert too_wide(page) <= 0
    assert aside(lambda: Bond.objects.get().source) == "scan"
