"""Contests between guides: ranked by their days, frozen once published, closed once; each sees what is hers."""

from datetime import date, timedelta

import pytest

from analytics.actions import contests, facts
from analytics.models import Contest, ContestStanding
from analytics.queries.contests import standings
from newretail.kernel.actions import relay
from newretail.kernel.models import JournalEntry, User
from newretail.kernel.verbs import Refused
from stores.models import Region
from tests import contesting, serving, sights, world

pytestmark = pytest.mark.usefixtures("noon")
JULY = world.NOW + timedelta(days=16)
LIST = "/admin/analytics/contest/"


def sold(**cents):
    """Let guides sell in June, and count it."""
    world.buy(*(
        world.order(f"C{who}{len(str(amount))}", amount, "2026-06-10T10:00:00", member_no="V1", store_code=None,
                    staff_no=who)
        for who, amount in cents.items()
    ))  # fmt: skip
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)


def ranks(contest, **narrow):
    return [(each.staff_no, each.rank, each.score, each.prize) for each in standings([contest], **narrow)]


def test_equal_guides_share_a_rank_and_its_prize_and_nothing_wins_nothing():
    serving.shops()
    sold(G1="100", G2="100")
    contest = contesting.published()
    assert ranks(contest) == [("G1", 1, 10000, "奖金 500 元"), ("G2", 1, 10000, "奖金 500 元"), ("G9", 3, 0, "")]
    contesting.published(code="by-store", grouping="store")
    assert ranks(Contest.objects.get(code="by-store"))[0] == ("G9", 1, 0, "")
    region = Region.objects.get(name="华南")
    assert [row[0] for row in ranks(contesting.published(code="south", region_id=region.pk))] == ["G9"]


def test_the_gap_is_what_is_missing_to_the_next_higher_score():
    serving.shops()
    sold(G1="100", G2="60")
    found = standings([contesting.published()])
    assert [(each.staff_no, each.gap) for each in found] == [("G1", None), ("G2", 4000), ("G9", 6000)]


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"prizes": []}, {"prizes": ["x"] * 11}, {"prizes": [" "]}, {"prizes": ["x" * 61]},
     {"last_day": date(2026, 5, 31)}, {"last_day": date(2027, 6, 2)}],
)  # fmt: skip
def test_what_is_no_contest_is_refused_and_nothing_kept(wrong):
    with pytest.raises(contests.BadContest):
        contests.keep(rules=contesting.rules(**wrong), at=world.NOW)
    assert not Contest.objects.exists()


def test_a_draft_may_change_and_what_was_published_may_not():
    contests.keep(rules=contesting.rules(), at=world.NOW)
    assert contests.keep(rules=contesting.rules(name="新名"), at=world.NOW).name == "新名"
    contests.publish(code="june", at=world.NOW)
    for act in (lambda: contests.keep(rules=contesting.rules(), at=world.NOW),
                lambda: contests.publish(code="june", at=world.NOW)):  # fmt: skip
        with pytest.raises(contests.ContestFrozen):
            act()
    assert Contest.objects.get().name == "新名"
    with pytest.raises(contests.UnknownContest):
        contests.publish(code="none", at=world.NOW)


def test_it_is_closed_when_its_days_are_over_and_counted_and_then_never_moves():
    serving.shops()
    sold(G1="100", G2="60")
    contest = contesting.published()
    with pytest.raises(contests.NotOver):
        contests.close(code="june", at=world.NOW)
    world.buy(world.order("L1", "500", "2026-06-11T10:00:00", member_no="V1", staff_no="G2"))
    relay.drain(at=world.NOW)
    with pytest.raises(contests.NotOver):  # the day it fell on waits to be counted
        contests.close(code="june", at=JULY)
    assert not ContestStanding.objects.exists()
    facts.refresh_stale(at=world.NOW)
    assert contests.close(code="june", at=JULY) == 3
    with pytest.raises(contests.NotRunning):
        contests.close(code="june", at=JULY)
    contest.refresh_from_db()
    ended = ranks(contest)
    assert ended[:2] == [("G2", 1, 56000, "奖金 500 元"), ("G1", 2, 10000, "电影票")]
    world.refund({"refund_no": "LR", "order_no": "L1", "line_no": 0, "amount": "500", "refunded_at": "2026-07-02"})
    relay.drain(at=JULY)
    facts.refresh_stale(at=JULY)
    assert ranks(contest) == ended
    assert JournalEntry.objects.filter(name="analytics.contest.closed").count() == 1


@pytest.mark.parametrize(
    ("metric", "score"), [("sales", 10000), ("recruits", 1), ("reach", 1), ("on_time", 10000), ("average", 10000)]
)
def test_each_metric_is_that_of_the_days_of_guides(metric, score):
    serving.shops()
    serving.complete(serving.give("V1", "G1", brief=serving.brief(purpose="service"), due=timedelta(hours=1)))
    sold(G1="100")
    assert ranks(contesting.published(metric=metric))[0][:3] == ("G1", 1, score)


def test_a_guide_sees_her_own_rank_and_nobody_elses_and_no_draft():
    serving.shops()
    sold(G1="100", G2="60")
    contests.keep(rules=contesting.rules(code="secret", name="秘密赛"), at=world.NOW)
    assert "六月" not in sights.text(serving.phone("G2").get("/g/contests/"))
    contesting.published()
    text = sights.text(serving.phone("G2").get("/g/contests/"))
    assert [word in text for word in ("六月冠军赛", "2<small> / 3", "¥40", "电影票", "小美", "秘密赛")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    phone = serving.phone("G2")
    with sights.asked() as asked:
        phone.get("/g/contests/")
    assert len(asked) <= sights.MOST_QUERIES
    assert sights.browser("auditor").get("/g/contests/").status_code == 403


def test_hq_writes_publishes_and_closes_and_a_manager_sees_her_guides_alone(noon):
    serving.shops()
    sold(G1="100", G9="60")
    hq, manager = sights.browser("hq"), sights.browser("manager")
    form = {"code": "june", "name": "六月冠军赛", "metric": "sales", "grouping": "all", "region": "",
            "first_day": "2026-06-01", "last_day": "2026-06-30", "prizes": "奖金\n\n电影票"}  # fmt: skip
    assert manager.post(f"{LIST}keep/", form).status_code == 403
    assert hq.post(f"{LIST}keep/", {**form, "last_day": "2026-05-01"}).status_code == 422
    assert not Contest.objects.exists()
    page = hq.post(f"{LIST}keep/", form)["Location"]
    assert manager.get(page).status_code == 404
    draft = hq.get(f"{LIST}keep/?code=june")
    assert draft.context["form"].initial["prizes"] == "奖金\n电影票"
    assert 'value="2026-06-30"' in sights.text(draft)
    action = page.removesuffix("change/")
    assert hq.post(f"{action}publish/").status_code == 302
    assert manager.post(f"{action}close/").status_code == 403
    whole, hers = (sights.text(who.get(page)) for who in (hq, manager))
    assert [("阿强" in each, "小美" in each) for each in (whole, hers)] == [(True, True), (False, True)]
    hq.post(f"{action}close/")
    assert Contest.objects.get().state == "published"  # its days are not over
    noon.move_to(JULY)
    hq.force_login(User.objects.get(username="hq"), backend="django.contrib.auth.backends.ModelBackend")
    hq.post(f"{action}close/")
    assert Contest.objects.get().state == "closed"
    assert "最终名次" in sights.text(hq.get(page))


def test_no_refusal_is_without_words():
    for refusal in (contests.BadContest(most=10), contests.UnknownContest(contest="x"), contests.NotOver()):
        assert isinstance(refusal, Refused)
        assert str(refusal)
