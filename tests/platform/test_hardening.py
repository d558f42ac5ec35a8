"""Doors that strangers knock at: odd bodies, long names, passwords, brands nobody could reach."""

import pytest
from django.test import Client

from newretail.kernel import brand as settings_of
from newretail.kernel.actions import settings, users
from newretail.kernel.models import JournalEntry, User
from newretail.platform import actions
from tests import sights, world

pytestmark = pytest.mark.usefixtures("brand")


def test_a_body_in_another_charset_is_refused_in_both_languages():
    answer = Client(headers={"host": "localhost"}).generic(
        "POST", "/admin/login/", b"\xff\xfeu", content_type="application/x-www-form-urlencoded; charset=utf-16"
    )
    assert (answer.status_code, "请求有误" in answer.content.decode()) == (400, True)


def test_a_login_name_longer_than_any_is_a_wrong_login():
    answer = Client(headers={"host": "localhost"}).post("/admin/login/", {"username": "x" * 300, "password": "y"})
    assert answer.status_code == 200
    assert User.objects.count() == 0


def test_a_password_is_changed_by_the_verb_and_journalled():
    client = sights.browser("hq")
    person = User.objects.get(pk=client.session["_auth_user_id"])
    users.change_password(user=person, password="the-old-one-1", at=world.NOW)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    given = {"old_password": "wrong", "new_password1": "a-new-one-22", "new_password2": "a-new-one-22"}
    assert client.post("/admin/password_change/", given).status_code == 200
    assert client.post("/admin/password_change/", {**given, "old_password": "the-old-one-1"}).status_code == 302
    assert JournalEntry.objects.filter(name="kernel.password.changed", by=person).count() == 1
    assert User.objects.get(pk=person.pk).check_password("a-new-one-22")


def test_an_amount_beyond_reason_is_an_empty_list():
    assert sights.browser("hq").get("/admin/members/member/?aov_from=1000000000").status_code == 200


@pytest.mark.parametrize(
    ("key", "value"),
    [("super_cents", 10**22), ("lifecycle_months", [1, 2, 3, 99_999_999_999]), ("rfm_cuts", {"monetary": [1, 2, 3, 10**20]})],
)  # fmt: skip
def test_a_setting_beyond_reason_is_refused(key, value):
    with pytest.raises(settings.BadValue):
        settings.put(key=key, value=value, at=world.NOW)
    assert settings_of.setting(key) == settings_of.DECLARED[key].default


@pytest.mark.parametrize("host", ["a b", "", "http://x.y/z", "h:8000", "h.", "-h", "x" * 64])
def test_a_brand_nobody_could_reach_is_refused(host):
    with pytest.raises(actions.BadDomain):
        actions.create(code="gamma", name="g", domains=[host])
