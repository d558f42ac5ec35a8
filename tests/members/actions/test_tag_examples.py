"""The example rules of tags: kept once, what HQ made of them stays; added from the list of tags by who may change it."""

import pytest
from django.urls import reverse

from members.actions import tag_rules, tags
from members.importers import TAGS
from members.models import MemberTag, Tag, TagRule
from newretail.kernel.files.rows import batch_of
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    world.people({"member_no": "V1", "gender": "女", "birthday": "1998-01-01", "tags": "上班族"},
                 {"member_no": "V2", "gender": "女", "birthday": "1986-01-01", "tags": "有孩家庭"})  # fmt: skip


def test_the_examples_hold_of_women_of_that_age_and_life():
    for rule in tag_rules.add_examples(at=world.NOW):
        assert tag_rules.apply(rule=rule, as_of=sights.TODAY, at=world.NOW).put_on == 1
    found = MemberTag.objects.filter(source="rule").order_by("member__member_no")
    assert list(found.values_list("member__member_no", "tag__name")) == [
        ("V1", "20–34 岁上班族女性"), ("V2", "35–45 岁精致妈妈"),
    ]  # fmt: skip


def test_added_again_nothing_changes_and_a_rule_that_hq_ended_stays_ended():
    first = tag_rules.add_examples(at=world.NOW)
    tag_rules.keep(tag=first[0].tag, conditions=None, at=world.NOW)
    assert tag_rules.add_examples(at=world.NOW) == []
    assert TagRule.objects.count() == 3


def test_a_tag_of_that_name_keeps_what_it_is():
    tags.record(batch=batch_of(TAGS, [{"name": "上班族", "family": "life"}]), at=world.NOW)
    tag_rules.add_examples(at=world.NOW)
    assert Tag.objects.get(name="上班族").family == "life"


def test_hq_adds_the_examples_from_the_list_and_an_auditor_does_not():
    path = reverse("admin:members_tag_examples")
    assert sights.browser("auditor").post(path).status_code == 403
    assert not TagRule.objects.exists()
    hq = sights.browser("hq")
    assert "示例规则" in hq.get(reverse("admin:members_tag_changelist")).content.decode()
    assert hq.post(path, follow=True).status_code == 200
    assert TagRule.objects.count() == 2
