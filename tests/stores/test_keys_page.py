"""Keys of other systems in the admin: issued, shown once, renewed, revoked, by those who may."""

import re

import pytest

from newretail.kernel.models import ApiKey, User
from stores.models import Post
from tests import sights
from tests.api import machines

pytestmark = pytest.mark.usefixtures("traded")
LIST = "/admin/kernel/apikey/"
TEXT = re.compile(r"nr_[0-9a-f]{12}_[A-Za-z0-9_-]{20,64}")


def issue(browser, **more):
    given = {"system": "pos", "rights": ["orders:view", "orders:change"], "per_minute": 600, **more}
    return browser.post(f"{LIST}issue/", given)


def test_a_key_is_issued_shown_once_and_opens_the_door():
    hq = sights.browser("hq")
    page = issue(hq)
    text = TEXT.search(page.content.decode())[0]
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert machines.client(text).get("/api/v1/orders").status_code == 200
    key = ApiKey.objects.get()
    assert (key.rights, key.account.username) == (["orders:change", "orders:view"], "pos")
    for path in (LIST, f"{LIST}{key.pk}/change/"):
        shown = hq.get(path).content.decode()
        assert f"nr_{key.prefix}" in shown
        assert not TEXT.search(shown)


def test_a_key_of_a_store_with_a_last_day_ends_when_that_day_is_over():
    issue(sights.browser("hq"), store="SH01", last_day="2026-06-20")
    key = ApiKey.objects.get()
    assert key.expires_at.isoformat() == "2026-06-20T16:00:00+00:00"
    assert Post.objects.get(user=key.account).store.code == "SH01"


def test_a_key_is_renewed_and_revoked_from_its_page():
    hq = sights.browser("hq")
    former = TEXT.search(issue(hq).content.decode())[0]
    key = ApiKey.objects.get()
    successor = TEXT.search(hq.post(f"{LIST}{key.pk}/renew/").content.decode())[0]
    assert machines.client(former).get("/api/v1/orders").status_code == 200
    hq.post(f"{LIST}{key.pk}/revoke/")
    assert machines.client(former).get("/api/v1/orders").status_code == 401
    assert machines.client(successor).get("/api/v1/orders").status_code == 200
    again = hq.post(f"{LIST}{key.pk}/renew/", follow=True).content.decode()
    assert not TEXT.search(again)
    assert ApiKey.objects.count() == 2


BAD = [{"system": ""}, {"system": "pos 1"}, {"system": "hq"}, {"rights": ["settings:change"]}, {"rights": []},
       {"per_minute": 0}, {"per_minute": 10**9}, {"last_day": "2026-06-14"}, {"store": "none"}]  # fmt: skip


@pytest.mark.parametrize("more", BAD, ids=str)
def test_a_form_filled_in_badly_is_refused_and_nothing_is_issued(more):
    answer = issue(sights.browser("hq"), **more)
    assert answer.status_code == 400
    assert not ApiKey.objects.exists()
    assert not User.objects.filter(username="pos").exists()


def test_an_auditor_sees_the_keys_and_issues_none():
    auditor = sights.browser("auditor")
    assert auditor.get(LIST).status_code == 200
    assert issue(auditor).status_code == 403
    assert sights.browser("manager").get(LIST).status_code == 403
    assert not ApiKey.objects.exists()
