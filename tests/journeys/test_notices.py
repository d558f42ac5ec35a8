"""A notice from HQ to the phones: written at the desk, read by one without a connection, the others reminded."""

from guides.models import Escalation, NoticeReceipt
from stores.actions import posts
from stores.models import Store
from tests import noticing, serving, sights, world
from tests.journeys.conftest import at_desk
from tests.journeys.test_guide_day import on_a_phone, too_small
from tests.journeys.test_hq_day import sign_in, too_wide


def two_guides():
    """小美, who signs in, and 小丽 of the same store."""
    store = Store.objects.get(code="SH01")
    posts.admit(username="G1", password=sights.PASSWORD, name="小美", role="guide", at=world.NOW, store=store)
    world.staff(*serving.SHOP)
    serving.bind("V1", "G1")


def told():
    """A notice that must be read and one that need not."""
    noticing.send()
    noticing.send(title="新品到店", must_read=False)


def readers():
    rows = NoticeReceipt.objects.filter(read_at__isnull=False).order_by("notice__title")
    return list(rows.values_list("notice__title", "post__user__name"))


@at_desk
def test_hq_sees_whom_a_notice_will_reach_sends_it_and_reminds(page, aside):
    aside(two_guides)
    sign_in(page, "hq")
    page.goto("/admin/guides/notice/send/")
    page.locator(".nt-reach", has_text="将送达").wait_for()
    page.select_option("[name=audience_kind]", "stores")
    page.click(".nt-stores .select2-selection")
    page.keyboard.type("南京西")
    page.keyboard.press("Enter")
    page.locator(".nt-reach", has_text="导购 2 人，店长 2 人").wait_for()
    page.select_option("[name=audience_kind]", "brand")
    page.fill("[name=title]", "五一价格调整")
    page.fill("[name=body]", "请更换价签。")
    page.check("[name=must_read]")
    page.select_option("[name=readers]", "guide")
    page.locator(".nt-reach", has_text="导购 3 人，店长 0 人").wait_for()
    assert too_wide(page) <= 0
    page.click("text=发送 >> nth=-1")
    page.wait_for_url("**/change/")
    assert aside(NoticeReceipt.objects.count) == 3
    page.click("text=催读 3 位未读者")
    page.locator("text=已催读 3 人").wait_for()
    assert too_wide(page) <= 0


@on_a_phone
def test_a_guide_reads_it_without_a_connection_and_it_counts_once(page, aside):
    aside(two_guides)
    aside(told)
    sign_in(page, "G1")
    page.click(".g-tabs >> text=我的")
    page.locator(".g-notice", has_text="五一价格调整").click()
    assert too_wide(page) <= 0
    assert too_small(page) == []
    page.context.set_offline(True)
    page.click("text=已阅读")
    page.wait_for_selector("text=已记在本机")
    assert aside(readers) == []
    page.context.set_offline(False)
    page.locator("text=您已于").wait_for()
    assert aside(readers) == [("五一价格调整", "小美")]
    assert page.locator(".g-badge").count() == 0


@on_a_phone
def test_what_need_not_be_read_is_read_by_looking_and_a_problem_goes_up(page, aside):
    aside(two_guides)
    aside(told)
    sign_in(page, "G1")
    page.goto("/g/notices/")
    page.locator(".g-notice", has_text="新品到店").click()
    page.locator("text=您已于").wait_for()
    assert aside(readers) == [("新品到店", "小美")]
    page.goto("/g/customers/V1/")
    page.click("text=上报问题")
    page.fill("[name=title]", "退货纠纷")
    page.fill("[name=words]", "顾客要求退货。")
    assert too_small(page) == []
    page.click("text=提交上报")
    page.locator(".g-notice", has_text="退货纠纷").click()
    page.locator("text=关于张三").wait_for()
    assert too_wide(page) <= 0
    assert too_small(page) == []
    assert aside(lambda: Escalation.objects.get().member.member_no) == "V1"
