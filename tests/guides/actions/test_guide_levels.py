"""Levels of guides: up at once, down after a month of grace, by hand with a reason; each month once."""

from datetime import date, timedelta

import pytest
from django.db import connection

from guides.actions import guide_levels, policies
from guides.actions.guide_levels import (
    BadOverride,
    LevelMovedLater,
    MonthNotAssessable,
    NoLevelTable,
    NotLevelled,
)
from guides.models import GuideAssessment, GuideLevelMove, Policy
from guides.queries.policy_terms import BadPolicy
from newretail.kernel import books, clock, sql
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from newretail.kernel.verbs import Refused
from stores.models import Post
from tests import earning, levelling, serving, world
from tests.levelling import assess, level, outcomes, ruled, sell, table

APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))


@pytest.fixture(autouse=True)
def shops(noon):
    levelling.shops()


@pytest.mark.parametrize(("bands", "why"), [
    ([(0, 8_000), (9_000, None)], "空"), ([(0, 8_000), (7_000, None)], "重叠"), ([(1, None)], "0"),
    ([(0, 8_000)], "上限"), ([(0, None), (8_000, None)], "上限"), ([], "12"),
])  # fmt: skip
def test_a_table_with_a_gap_or_an_overlap_is_refused_with_the_reason(bands, why):
    with pytest.raises(BadPolicy) as refused:
        policies.keep(kind=Policy.Kind.LEVELS, terms=table(*bands), at=world.NOW)
    assert why in str(refused.value)
    assert not Policy.objects.filter(kind=Policy.Kind.LEVELS).exists()


@pytest.mark.parametrize(("yuan", "reached"), [(7_999, 1), (8_000, 2), (19_999, 2), (20_000, 3), (90_000, 3)])
def test_who_reaches_a_band_goes_up_at_once(yuan, reached):
    ruled()
    sell(MAY, yuan)
    counts = assess(MAY)
    assert counts["assessed"] == 3
    assert level() == reached
    assert GuideAssessment.objects.get(user__staff_no="G1").sales_cents == yuan * 100
    assert list(GuideLevelMove.objects.values_list("from_at", flat=True)) == [clock.day_start(JUNE)] * (reached > 1)


def test_who_stays_below_goes_down_after_the_months_of_grace_and_a_good_month_ends_them():
    ruled()
    for month, yuan in ((date(2026, 1, 1), 20_000), (date(2026, 2, 1), 8_000), (date(2026, 3, 1), 25_000)):
        sell(month, yuan)
        assess(month)
    for month in (APRIL, MAY):
        assess(month)
    assert [outcome for *_rest, outcome in outcomes()] == ["promoted", "grace", "kept", "grace", "demoted"]
    assert outcomes()[-1] == (3, 1, 1, "demoted")
    assert level() == 1
    assert not books.verify()


@pytest.mark.parametrize(("grace", "left"), [(0, 1), (2, 3)])
def test_the_table_says_how_many_months_of_grace_there_are(grace, left):
    ruled(*levelling.BANDS, grace_months=grace)
    sell(APRIL, 30_000)
    assess(APRIL)
    assess(MAY)
    assert level() == left


def test_a_month_is_assessed_once_and_none_before_one_that_was():
    ruled()
    sell(MAY, 9_000)
    assess(MAY)
    before = (outcomes(), level(), JournalEntry.objects.count())
    sell(MAY, 50_000)
    lines = JournalEntry.objects.filter(name="guides.guide_level.assessed").count()
    assert assess(MAY) == assess(APRIL) == {"assessed": 0}
    assert (outcomes(), level()) == before[:2]
    assert JournalEntry.objects.filter(name="guides.guide_level.assessed").count() == lines == 1


def test_a_month_that_is_not_over_or_has_no_table_is_refused():
    with pytest.raises(NoLevelTable):
        assess(MAY)
    ruled()
    with pytest.raises(MonthNotAssessable):
        guide_levels.assess(month=MAY, kpis=None, at=clock.day_start(JUNE) - timedelta(seconds=1))
    assert not guide_levels.may_assess(month=JUNE, at=world.NOW)
    assert guide_levels.may_assess(month=MAY, at=world.NOW)
    assert not GuideAssessment.objects.exists()
    with pytest.raises(NoLevelTable):
        assess(date(2025, 12, 1))


def test_refunds_weigh_and_the_basis_says_whose_sales_count():
    ruled()
    sell(MAY, 9_000)
    earning.refund("2000.00", order_no="05G19000", refunded_at="2026-05-12")
    sell(MAY, 30_000, "G2", member_no="V1")  # whom 小美 serves
    assess(MAY)
    assert [GuideAssessment.objects.get(user__staff_no=no).sales_cents for no in ("G1", "G2")] == [700_000, 0]
    earning.publish(Policy.Kind.LEVELS, table(*levelling.BANDS, basis="credited"), starts_on=JUNE)
    sell(JUNE, 30_000, "G2", member_no="V1")
    guide_levels.assess(month=JUNE, kpis=None, at=clock.day_start(JULY))
    assert (level("G1"), level("G2")) == (1, 3)


def test_only_who_holds_a_guide_s_post_at_the_month_s_end_is_assessed():
    ruled()
    with writing("tests"):
        Post.objects.filter(user__staff_no="G2").update(until=date(2026, 5, 31))
    counts = assess(MAY)
    assert counts == {"assessed": 2, "kept": 2}
    assert not outcomes("G2")
    assert not outcomes("M1")


def override(level=3, reason="带教新人", at=world.NOW, staff_no="G1"):
    return guide_levels.override(user=serving.guide(staff_no), level=level, reason=reason, at=at, by=earning.boss())


def test_a_level_set_by_hand_counts_from_then_on_and_starts_its_own_grace():
    ruled()
    early = clock.day_start(APRIL)
    override(at=early)
    assess(APRIL)
    assess(MAY)
    assert [outcome for *_rest, outcome in outcomes()] == ["grace", "demoted"]
    override(at=world.NOW)
    guide_levels.assess(month=JUNE, kpis=None, at=clock.day_start(JULY))
    assert outcomes()[-1] == (3, 1, 3, "grace")
    assert GuideLevelMove.objects.filter(by__isnull=False).values_list("reason", flat=True)[0] == "带教新人"
    assert not books.verify()


@pytest.mark.parametrize(("given", "why"), [
    ({"level": 13}, BadOverride), ({"level": 0}, BadOverride), ({"level": 1}, BadOverride), ({"reason": " "}, BadOverride),
    ({"reason": "x" * 201}, BadOverride), ({"staff_no": "M1"}, NotLevelled),
])  # fmt: skip
def test_an_override_without_sense_is_refused_and_one_with_it_is_kept(given, why):
    with pytest.raises(why):
        override(**given)
    assert not GuideLevelMove.objects.exists()
    assert override().level == 3


def test_no_level_moves_before_a_later_one():
    ruled()
    override(at=world.NOW)
    with pytest.raises(LevelMovedLater):
        override(2, at=world.NOW - timedelta(days=1))
    sell(MAY, 90_000, "G2")
    guide_levels.override(user=serving.guide("G2"), level=2, reason="早", at=world.NOW, by=earning.boss())
    assess(MAY)  # as of the first of June, which was before
    moves = GuideLevelMove.objects.filter(user__staff_no="G2").order_by("id").values_list("from_at", flat=True)
    assert list(moves) == sorted(moves)
    assert not books.verify()


def test_figures_that_are_handed_in_stand_in_the_assessment():
    ruled()
    kept = """SELECT id AS user_id, '[{"kpi": "recruits", "value": 3, "of": null, "score": 50}]'::jsonb AS kpis
      FROM kernel_user WHERE staff_no = 'G1'"""
    sql.temporary("tmp_figures", kept)
    guide_levels.assess(month=MAY, kpis="tmp_figures", at=world.NOW)
    assert GuideAssessment.objects.get(user__staff_no="G1").kpis[0]["value"] == 3
    assert GuideAssessment.objects.get(user__staff_no="G2").kpis == []


def test_however_many_guides_few_statements_do():
    ruled()
    world.staff(
        *(
            {"staff_no": f"N{i}", "name": "新人", "store_code": "SH01", "role": "guide", "joined_on": "2026-05-01"}
            for i in range(30)
        )
    )
    with connection.execute_wrapper(count := Count()):
        assert assess(MAY)["assessed"] == 33
    assert count.asked <= 16


class Count:
    """Counts statements."""

    asked = 0

    def __call__(self, execute, *args):
        self.asked += 1
        return execute(*args)


def test_refusals_speak_chinese():
    for refusal in (
        MonthNotAssessable(month="2026-05"),
        NoLevelTable(month="2026-05"),
        NotLevelled(),
        BadOverride(most=12),
        LevelMovedLater(),
    ):
        assert isinstance(refusal, Refused)
        assert any("一" <= letter <= "鿿" for letter in str(refusal))
