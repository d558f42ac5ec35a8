"""The demo's members stand on levels, carry tags by rules, and some may be one person; a second start adds nothing."""

import pytest

from members.models import Claim, Duplicate, GrowthAdjustment, Level, LevelScheme, Member, MemberTag, Merge
from newretail.demo import standing
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def people(noon):
    world.chain()
    sights.person("hq")
    world.people(*(
        {"member_no": f"M{seat:02}", "name": f"林{seat:02}", "phone": f"1390000{seat:04}", "gender": "f",
         "birthday": f"{1985 + seat}-03-0{1 + seat % 8}", "joined_at": "2026-01-10",
         "tags": "有孩家庭" if seat % 2 else ""} for seat in range(20)
    ))  # fmt: skip
    world.buy(*(world.order(f"O{seat}", 500 * seat, "2026-06-01", member_no=f"M{seat:02}") for seat in range(1, 20)))


def test_members_stand_on_four_levels_under_a_scheme_that_counts():
    assert standing.rise(today=sights.TODAY, at=world.NOW) == 22
    assert standing.rise(today=sights.TODAY, at=world.NOW) == 0
    assert Level.objects.count() == 4
    assert set(Member.objects.values_list("level__code", flat=True)) == {"C", "S", "G", "B"}
    assert LevelScheme.objects.count() == 2
    by_hand = GrowthAdjustment.objects.values_list("by__username", flat=True)
    assert list(by_hand) == ["hq"] * len(standing.BY_HAND)


def test_the_rules_that_ship_put_their_tags_on_members():
    assert standing.sort_out(today=sights.TODAY, at=world.NOW) > 0
    assert standing.sort_out(today=sights.TODAY, at=world.NOW) == 0
    carried = MemberTag.objects.filter(source="rule").values_list("tag__name", flat=True)
    assert set(carried) == {"20–34 岁上班族女性", "35–45 岁精致妈妈"}


def test_some_may_be_one_person_and_one_pair_is_merged():
    found = standing.meet_twice(at=world.NOW)
    assert found >= standing.TWICE
    assert standing.meet_twice(at=world.NOW) == 0
    assert (Merge.objects.count(), Claim.objects.filter(state="pending").count() >= standing.SAME_CARD) == (1, True)
    assert set(Duplicate.objects.values_list("rule", flat=True)) == {"phone", "identity", "name_birthday"}
