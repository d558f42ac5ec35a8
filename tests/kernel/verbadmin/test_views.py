"""Saved views: one's own or a role's, renamed, deleted, one opening first; nobody else's is touched or seen."""

import pytest

from newretail.kernel.actions import views
from newretail.kernel.models import JournalEntry, SavedView
from stores.models import Store
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")
LIST = "/admin/members/member/"
NOUN = "members.member"


def do(client, what, **given):
    return client.post(f"{LIST}views/", {"do": what, **given}, follow=True)


def save(client, name="活跃老客", back="stage=active&relationship=repeat", **more):
    return do(client, "save", name=name, back=back, **more)


def shown(client, query=""):
    return [tab.row.name for tab in client.get(f"{LIST}?{query or 'view=0'}").context["views"]]


def test_a_view_keeps_the_filters_and_neither_search_nor_page():
    client = sights.browser("hq")
    save(client, back="stage=active&q=张三&after=9&r=&colour=red")
    assert SavedView.objects.get().words == "stage=active"
    page = client.get(client.get(f"{LIST}?view=0").context["views"][0].link.replace("?", f"{LIST}?"))
    assert page.context["cl"].params == {"stage": "active"}
    line = JournalEntry.objects.get(name="kernel.view.kept")
    assert (line.subject, line.facts) == (NOUN, {"filters": ["stage"], "shared_with": ""})


BAD = [
    ({"name": ""}, "视图名称不能为空"), ({"name": "名" * 41}, "最多 40 个字符"), ({"name": "a\nb"}, "视图名称不能为空"),
    ({"back": ""}, "请先设置筛选"), ({"back": "q=张三"}, "请先设置筛选"), ({"shared_with": "emperor"}, "没有可共享的这个岗位"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "says"), BAD)
def test_what_cannot_be_saved_is_told_and_nothing_is_kept(wrong, says):
    client = sights.browser("hq")
    assert says in sights.text(save(client, **wrong))
    assert not SavedView.objects.exists()
    save(client)
    assert SavedView.objects.exists()


def test_a_name_stands_once_for_a_person_and_list():
    client = sights.browser("hq")
    save(client)
    assert "已有名为" in sights.text(save(client))
    save(sights.browser("manager"))
    assert SavedView.objects.count() == 2


def test_a_person_keeps_at_most_thirty_views_of_a_list():
    person = sights.person("hq")
    for i in range(views.MOST):
        views.keep(noun=NOUN, name=f"{i}", words="stage=active", at=world.NOW, by=person)
    with pytest.raises(views.TooManyViews):
        views.keep(noun=NOUN, name="one more", words="stage=active", at=world.NOW, by=person)
    views.keep(noun="members.order", name="another list", words="source=pos", at=world.NOW, by=person)
    assert SavedView.objects.filter(noun=NOUN).count() == views.MOST


def test_a_private_view_is_seen_by_nobody_else_and_a_shared_one_by_its_role():
    client = sights.browser("hq")
    save(client, name="自己")
    save(client, name="店长看", shared_with="manager")
    assert shown(sights.browser("manager")) == ["店长看"]
    assert shown(sights.browser("supervisor")) == []
    assert sorted(shown(client)) == ["店长看", "自己"]


def test_a_shared_view_carries_no_sight():
    save(sights.browser("hq"), name="全部来源", back="joined_from=2020-01-01", shared_with="manager")
    client = sights.browser("manager")
    link = client.get(f"{LIST}?view=0").context["views"][0].link
    assert [row.member_no for row in client.get(f"{LIST}{link}").context["cl"].result_list] == ["V1"]


@pytest.mark.parametrize("what", ["rename", "drop", "first"])
def test_somebody_elses_view_is_not_changed_and_ones_own_is(what):
    hq = sights.browser("hq")
    save(hq, shared_with="manager")
    before = SavedView.objects.values().get()
    given = {"view": str(before["id"]), "name": "别名", "back": ""}
    assert "属于他人" in sights.text(do(sights.browser("manager"), what, **given))
    assert SavedView.objects.values().get() == before
    do(hq, what, **given)
    assert list(SavedView.objects.values()) != [before]


def test_one_view_opens_first_and_the_list_itself_can_still_be_opened():
    client = sights.browser("hq")
    for name in ("甲", "乙"):
        save(client, name=name)
        do(client, "first", view=str(SavedView.objects.get(name=name).pk), back="")
    assert list(SavedView.objects.filter(is_default=True).values_list("name", flat=True)) == ["乙"]
    assert client.get(LIST).status_code == 302
    assert client.get(LIST)["Location"].endswith(f"view={SavedView.objects.get(name='乙').pk}")
    assert client.get(f"{LIST}?view=0").status_code == 200
    do(client, "first", view=str(SavedView.objects.get(name="乙").pk), back="")
    assert client.get(LIST).status_code == 200


def test_a_default_view_of_somebody_else_opens_nothing():
    hq = sights.browser("hq")
    save(hq, shared_with="manager")
    do(hq, "first", view=str(SavedView.objects.get().pk), back="")
    assert sights.browser("manager").get(LIST).status_code == 200


def test_filters_that_hold_no_more_are_told_in_a_sentence():
    person = sights.person("hq")
    gone = Store.objects.get(code="GZ01").pk
    views.keep(noun=NOUN, name="old", words="colour=red&stage=active", at=world.NOW, by=person)
    views.keep(noun=NOUN, name="far", words=f"store={gone}", at=world.NOW, by=person, shared_with="manager")
    client = sights.browser("hq")
    links = {tab.row.name: tab.link for tab in client.get(f"{LIST}?view=0").context["views"]}
    assert "已忽略：colour" in sights.text(client.get(f"{LIST}{links['old']}"))
    assert "不在可见范围内" in sights.text(sights.browser("manager").get(f"{LIST}{links['far']}"))
    assert "不在可见范围内" not in sights.text(client.get(f"{LIST}{links['far']}"))


@pytest.mark.parametrize("view", ["x", "²", "9" * 30, "-1", ""])
def test_a_view_that_is_none_changes_nothing(view):
    client = sights.browser("hq")
    save(client)
    assert do(client, "drop", view=view, back="").status_code == 200
    assert SavedView.objects.count() == 1
    assert client.get(f"{LIST}?view={view}").status_code == 200


def test_another_brands_views_are_not_there(other_brand):
    save(sights.browser("hq"))
    with other_brand:
        assert not SavedView.objects.exists()
