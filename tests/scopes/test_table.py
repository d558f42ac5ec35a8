"""The table of rights: its roles are those of posts, it fails closed, and every list of the admin has its rows."""

from typing import get_args

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser

from members.models import Member
from newretail.kernel import scopes
from newretail.kernel.models import User
from newretail.kernel.scopes import Reach
from stores.models import Post, Region
from stores.queries import sight_of
from tests import sights, world


def test_the_roles_are_those_of_posts():
    assert set(scopes.ROLES) == set(get_args(scopes.Role)) == set(Post.Role.values)


def test_every_list_of_the_admin_has_its_rows():
    rights = {(row.resource, row.action) for row in scopes.TABLE}
    shown = admin.site._registry.values()
    assert {(each.resource, "view") for each in shown} <= rights
    assert {(each.resource, "export") for each in shown if each.export_columns} <= rights


def test_what_has_no_row_is_nobodys():
    for role in scopes.ROLES:
        assert scopes.reach_of(role, "members", "burn") == scopes.reach_of(role, "moon", "view") == Reach.NONE
    assert scopes.reach_of("emperor", "members", "view") == scopes.reach_of("resource", "members", "view") == Reach.NONE


def test_an_auditor_changes_nothing_and_sees_no_personal_data():
    rights = {(row.resource, row.action) for row in scopes.TABLE if row.auditor}
    assert {right for right in rights if right[1] not in ("view", "export")} <= {("account", "change")}
    assert not {right for right in rights if right[0] in ("personal_data", "phones")}


def test_a_guide_reaches_what_is_her_own_alone_and_a_machine_what_the_api_offers():
    assert {row.resource for row in scopes.TABLE if row.guide} == {"account", "own_work", "personal_data"}
    assert {row.guide for row in scopes.TABLE} == {Reach.NONE, Reach.OWN}
    assert {row.resource for row in scopes.TABLE if row.integrator} == {
        "points", "consents", "consent_texts", "touches",
        "members", "orders", "events", "imports", "job_runs", "products", "stores", "staff", "personal_data", "phones",
        "webhooks",
        "gifts", "gift_orders", "gift_pickups",
        "coupon_plans", "coupons", "redemptions", "member_codes", "levels", "tags", "member_tags", "benefits", "identities", "bonds", "moments",
        "appointments", "guide_pay", "segments", "shifts", "surveys",
    }  # fmt: skip


@pytest.mark.parametrize("nobody", [None, AnonymousUser(), User(username="x"), User(username="y", is_active=False)])
def test_nobody_reaches_nothing(brand, nobody):
    assert not any(scopes.may(nobody, row.resource, row.action) for row in scopes.TABLE)


@pytest.fixture
def chain(brand):
    world.chain()


def test_a_right_follows_the_post_and_ends_with_it(chain):
    person = sights.person("manager")
    assert scopes.reach(person, "members", "view") == Reach.STORE
    assert not scopes.may(person, "imports", "view")
    sights.dismiss("manager")
    assert not scopes.may(User.objects.get(pk=person.pk), "members", "view")


def test_a_disabled_person_reaches_nothing_whatever_her_posts(chain):
    person = sights.person("hq")
    assert scopes.may(person, "imports", "run")
    gone = User.objects.get(pk=person.pk)
    gone.is_active = False
    assert not scopes.may(gone, "imports", "run")
    assert sight_of(gone).nothing


def second_post(person, role, **place):
    sights.posts.admit(username=person.username, password=sights.PASSWORD, name="x", role=role, at=world.NOW, **place)
    return User.objects.get(pk=person.pk)


def test_each_post_reaches_its_own_place_for_each_right(chain):
    both = second_post(sights.person("manager"), "auditor")
    assert sight_of(both, "members", "view").everything
    revealed = sight_of(both, "phones", "reveal")
    assert (revealed.everything, len(revealed.store_ids)) == (False, 1)
    assert {m.member_no for m in Member.objects.visible_to(both)} == {"V1", "V2"}


def test_who_sees_members_beyond_her_personal_data_sees_none_as_persons(chain):
    manager = sights.person("manager")
    assert scopes.sees_people(manager)
    assert not scopes.sees_people(second_post(manager, "auditor"))
    assert scopes.sees_people(second_post(sights.person("supervisor"), "hq"))
    assert Region.objects.count() == 2
