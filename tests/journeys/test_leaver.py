"""A guide leaves while a task is open: her manager hands her customers over, and what is open goes with them."""

from datetime import timedelta

from guides.actions import task_rules
from guides.models import Task
from newretail.kernel import clock
from newretail.kernel.actions import relay
from stores.actions import posts
from stores.models import Store
from tests import serving, sights, world
from tests.journeys.conftest import SIZES, at_desk
from tests.journeys.test_hq_day import sign_in, too_wide
from tests.members import consenting

CUSTOMERS = {"V1": "张三", "P1": "赵一", "P2": "钱二", "P3": "孙六"}
HEIRS = {"G2": "小丽", "G3": "小芳"}


def shop():
    """小美 serves four; for 赵一 a task is open, for 张三 one was done. 小美 moves to the other store."""
    store = Store.objects.get(code="SH01")
    world.staff(
        *({"staff_no": number, "name": name, "store_code": "SH01", "role": "guide"} for number, name in HEIRS.items())
    )
    for number, name in {"G1": "小美", **HEIRS}.items():
        posts.admit(username=number, password=sights.PASSWORD, name=name, role="guide", at=world.NOW, store=store)
    consenting.texts()
    world.people(*({"member_no": number, "name": name, "store_code": "SH01"} for number, name in CUSTOMERS.items()))
    for number in CUSTOMERS:
        serving.bind(number, "G1", at=world.NOW - timedelta(days=3))
        consenting.say(consenting.row(number, channel="wecom", purpose="care"))
    serving.complete(serving.give("V1", "G1"), "refused")
    task = serving.give("P1", "G1")
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"})
    return task.ref


def bought():
    """赵一 buys, and the rules of the product hear of it."""
    task_rules.add_examples(at=world.NOW)
    world.buy(world.order("N1", "88.00", world.NOW.isoformat(), member_no="P1", store_code="SH01"))
    relay.drain(at=clock.now())


def phone(page, number):
    """Sign somebody in on a phone."""
    page.context.clear_cookies(name="sessionid")
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["phone"], strict=True)))
    sign_in(page, number)


def hand_over(page):
    """Hand all over to 小丽 and 小芳, as many to each."""
    page.goto("/handover/")
    page.locator("tr", has_text="小美").locator("a").click()
    page.check("[name=rule][value=evenly]")
    for box in page.locator("[name=to][type=checkbox]").all():
        box.set_checked(box.get_attribute("value") in HEIRS)
    page.click("text=预览 >> nth=0")
    page.wait_for_url("**to=G3*")
    for name in HEIRS.values():
        assert page.locator("tr", has_text=name).locator("td").last.inner_text() == "2"
    assert too_wide(page) <= 0
    page.click("text=按预览移交 4 位顾客")
    page.locator("text=已移交").wait_for()


@at_desk
def test_customers_and_open_tasks_of_a_leaver_are_her_heirs_and_no_longer_hers(page, aside):
    task = aside(shop)
    sign_in(page, "manager")
    hand_over(page)
    served = {number: aside(lambda number=number: serving.served(number)) for number in CUSTOMERS}
    assert sorted(served.values()) == ["G2", "G2", "G3", "G3"]
    for heir in HEIRS:
        phone(page, heir)
        assert page.locator(".g-card", has_text="赵一").count() == (served["P1"] == heir)
        page.goto("/g/customers/")
        hers = {name for number, name in CUSTOMERS.items() if served[number] == heir}
        assert {name for name in CUSTOMERS.values() if name in page.inner_text("main")} == hers
    phone(page, "G1")
    assert "赵一" not in page.inner_text("main")
    for path in ("/g/customers/P1/", "/g/customers/V1/", f"/g/tasks/{task}/"):
        assert page.request.get(path).status == 404
    aside(bought)
    phone(page, served["P1"])
    page.locator(".g-card", has_text="赵一").locator("text=购后提醒").wait_for()
    done = aside(lambda: Task.objects.select_related("post__store", "post__user").get(state="done").post)
    assert (done.user.staff_no, done.store.code) == ("G1", "SH01")
