"""The doors fail closed: an address without a right is shut, and a session ends with what it stood on."""

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from newretail.kernel.doors import scoped
from newretail.kernel.guard import writing
from newretail.kernel.models import User
from tests import sights, world


def forgotten(request):
    return HttpResponse("open")


urlpatterns = [
    path("forgotten/", forgotten, name="forgotten"),
    path("marked/", scoped("members")(forgotten), name="marked"),
]


@pytest.fixture(autouse=True)
def chain(brand):
    world.chain()


@override_settings(ROOT_URLCONF="tests.scopes.test_doors")
def test_an_address_nobody_gave_a_right_is_shut_while_a_marked_one_opens():
    hq = sights.browser("hq")
    assert hq.get("/forgotten/").status_code == 404
    assert hq.get("/marked/").status_code == 200


@override_settings(ROOT_URLCONF="tests.scopes.test_doors")
def test_a_page_is_forbidden_in_words():
    refused = sights.browser("guide").get("/marked/")
    assert refused.status_code == 403
    assert "没有权限" in sights.text(refused)
    assert "You may not see this page." in sights.text(refused)


def disable(username):
    with writing("tests"):
        User.objects.filter(username=username).update(is_active=False)


@pytest.mark.parametrize("end", [sights.dismiss, disable])
def test_a_session_dies_at_the_next_request_with_the_last_post_or_the_account(end):
    client = sights.browser("manager")
    assert client.get("/admin/members/member/").status_code == 200
    assert Session.objects.count() == 1
    end("manager")
    turned_away = client.get("/admin/members/member/")
    assert (turned_away.status_code, turned_away.url.split("?")[0]) == (302, "/admin/login/")
    assert not Session.objects.exists()


def test_a_person_with_another_post_goes_on_with_what_that_one_holds():
    client = sights.browser("manager")
    person = User.objects.get(username="manager")
    sights.dismiss("manager")
    sights.posts.admit(username=person.username, password=sights.PASSWORD, name="x", role="auditor", at=world.NOW)
    client.force_login(User.objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/kernel/journalentry/").status_code == 200
