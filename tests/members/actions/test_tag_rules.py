"""Rules of tags: versions stand, applied they write differences alone, hands' words stay."""

import pytest

from members.actions import tag_rules, tags
from members.actions.tag_rules import ChasesItself, RuleChanged
from members.importers import TAGS
from members.models import MemberTag, Tag, TagMove, TagRule
from members.queries import tag_rules as rules
from members.queries.conditions.tree import BadConditions
from newretail.kernel.actions import jobs
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.members.actions.test_tagging import of

pytestmark = pytest.mark.usefixtures("noon")
WOMEN = {"all": [{"field": "member.gender", "op": "one_of", "value": ["f"]},
                 {"field": "member.age", "op": "between", "value": [20, 34]}]}  # fmt: skip
BUYERS = {"field": "orders.count", "op": "at_least", "value": 1}


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    world.people({"member_no": "V1", "gender": "女", "birthday": "1996-01-01"},
                 {"member_no": "V2", "gender": "女", "birthday": "1970-01-01"})  # fmt: skip


def tag(name="年轻女性", **more):
    tags.record(batch=batch_of(TAGS, [{"name": name, **more}]), at=world.NOW)
    return Tag.objects.get(name=name)


def keep(conditions=WOMEN, name="年轻女性", **more):
    return tag_rules.keep(tag=tag(name), conditions=conditions, at=world.NOW, **more)


def apply(rule):
    return tag_rules.apply(rule=rule, as_of=sights.TODAY, at=world.NOW)


def carried(name="年轻女性"):
    found = MemberTag.objects.filter(tag__name=name).order_by("member")
    return list(found.values_list("member__member_no", "source"))


def test_a_rule_puts_its_tag_on_whom_it_holds_of_and_again_writes_nothing():
    rule = keep()
    assert apply(rule) == tag_rules.Applied(1, 0)
    assert carried() == [("V1", "rule")]
    assert apply(rule) == tag_rules.Applied(0, 0)
    assert TagMove.objects.count() == 1
    assert JournalEntry.objects.filter(name="members.tag_rule.applied").count() == 1


def test_a_rule_that_holds_no_longer_takes_off_what_it_put_on_and_no_more():
    apply(keep())
    tags.put_on(tag=tag(), members=of("V2"), at=world.NOW)
    world.people({"member_no": "V1", "birthday": "1980-01-01"})
    assert apply(rules.newest(tag())) == tag_rules.Applied(0, 1)
    assert carried() == [("V2", "hand")]


def test_versions_stand_and_the_same_again_is_none():
    assert [keep().version, keep().version, keep(BUYERS).version] == [1, 1, 2]
    assert TagRule.objects.count() == 2


def test_an_ended_rule_takes_its_tag_off_everybody():
    apply(keep())
    assert apply(keep(None)) == tag_rules.Applied(0, 1)
    assert carried() == []


def test_two_who_change_a_rule_at_once_do_not_overwrite_each_other():
    keep(seen=0)
    with pytest.raises(RuleChanged):
        keep(BUYERS, seen=0)
    assert TagRule.objects.count() == 1


@pytest.mark.parametrize("name", ["年轻女性", "别的"])
def test_a_tag_never_depends_on_itself(name):
    tag("别的"), tag()
    if name == "别的":
        keep({"field": "tags", "op": "any_of", "value": ["年轻女性"]}, name="别的")
    with pytest.raises(ChasesItself):
        keep({"field": "tags", "op": "none_of", "value": [name]})
    assert not TagRule.objects.filter(tag=tag()).exists()


def test_conditions_that_cannot_be_asked_are_refused_and_nothing_is_kept():
    with pytest.raises(BadConditions):
        keep({"field": "tags", "op": "any_of", "value": ["没有这个"]})
    assert not TagRule.objects.exists()


def test_a_rule_for_a_places_own_tag_stays_there():
    tag(store_code="GZ01")
    apply(keep({"field": "member.age", "op": "at_least", "value": 1}))
    assert carried() == [("V2", "rule")]


def test_the_night_applies_rules_after_those_they_rest_on_and_twice_is_once():
    tag("a年轻"), tag("b基础")
    keep(WOMEN, name="b基础"), keep({"field": "tags", "op": "any_of", "value": ["b基础"]}, name="a年轻")
    runs = [jobs.enter(name="apply_tag_rules", as_of=sights.TODAY, at=world.NOW) for _ in range(2)]
    counts = [jobs.perform(run=run).counts for run in runs]
    assert counts == [{"rules": 2, "put_on": 2, "taken_off": 0}, {"rules": 2, "put_on": 0, "taken_off": 0}]


def test_a_past_day_is_told_and_writes_nothing():
    keep()
    run = jobs.enter(name="apply_tag_rules", as_of=sights.TODAY.replace(day=1), at=world.NOW)
    assert jobs.perform(run=run).counts == {"aside": True, "年轻女性": 1}
    assert not MemberTag.objects.exists()
