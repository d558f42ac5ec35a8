"""The KPIs of guides equal what is counted by hand, one by one, of a small world; the job assesses by them, once."""

import json
import random
import uuid
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from analytics import jobs as analytics_jobs
from analytics.actions import facts
from analytics.queries import guide_kpis
from guides.actions import guide_levels
from guides.models import Bond, GuideAssessment, LinkOpen, Share, Task
from guides.queries import level_kpis
from members.models import Order
from newretail.kernel import clock, sql
from newretail.kernel.actions import jobs, relay
from newretail.kernel.guard import writing
from newretail.kernel.models import JobRun
from tests import earning, levelling, serving, sharing, world

pytestmark = pytest.mark.usefixtures("noon")
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
DAY = timedelta(days=1)
LEVELS = {"G1": 1, "G3": 2, "G2": 4, "G4": 5, "G9": 9, "G8": 10}  # two guides of each group
CUSTOMERS = [f"C{i:02}" for i in range(48)]


def town(seed):
    """A year of six guides, each at a level, with orders, tasks and shares at random."""
    chance = random.Random(seed)
    levelling.shops()
    levelling.ruled()
    new = (
        {"staff_no": no, "name": no, "store_code": "SH01", "role": "guide", "joined_on": "2026-01-01"}
        for no in ("G3", "G4", "G8")
    )
    world.staff(*new)
    world.people(*({"member_no": no, "joined_at": f"2025-{chance.randint(1, 12):02}-03"} for no in CUSTOMERS))
    for no, level in LEVELS.items():
        if level > 1:
            guide_levels.override(user=serving.guide(no), level=level, reason="试", at=clock.day_start(date(2026, 4, 1)),
                                  by=earning.boss())  # fmt: skip
    days = [date(2025, 4, 1) + timedelta(days=n) for n in range(426)]
    rows = [world.order(f"O{i}", chance.randint(10, 900), f"{chance.choice(days)}T11:00:00", store_code="SH01",
                        member_no=chance.choice(CUSTOMERS), staff_no=chance.choice(list(LEVELS))) for i in range(130)]  # fmt: skip
    world.buy(*rows)
    sharing.material()
    for i, no in enumerate(CUSTOMERS):
        serve(chance, no, list(LEVELS)[i % 6])
    relay.drain(at=world.NOW)
    facts.refresh(first=days[0], last=date(2026, 6, 15), at=world.NOW)


def serve(chance, member_no, staff_no):
    """A customer added at some time, a task for her, a share that she may have opened and bought after."""
    at = clock.day_start(MAY) + timedelta(days=chance.randint(-9, 34), hours=9)
    serving.bind(member_no, staff_no)
    with writing("tests"):
        Bond.objects.filter(member__member_no=member_no).update(began_at=at - timedelta(days=chance.choice([0, 90])))
    task = serving.give(member_no, staff_no, f"t:{member_no}", at=at - 2 * DAY, brief=serving.brief(purpose="service"))
    if chance.random() < 0.7:
        serving.complete(task, chance.choice(["sent", "no_answer"]), at=at - chance.choice([DAY / 2, 1.5 * DAY]))
    share = sharing.share("TEA", staff_no, at=at)
    if chance.random() < 0.7:
        with writing("tests"):
            LinkOpen.objects.create(ref=uuid.uuid4(), share=share, key=member_no, at=at, member=task.member)
        paid_at = f"{clock.business_day(at) + DAY * chance.randint(1, 9)}T11:00:00"
        world.buy(world.order(f"S{member_no}", 77, paid_at, store_code="SH01", member_no=member_no))


def months_since(day, until):
    """Completed calendar months."""
    return (until.year - day.year) * 12 + until.month - day.month - (until.day < day.day)


class Oracle:
    """What each guide's month was, counted one by one."""

    def __init__(self):
        self.bought = defaultdict(list)
        for order in Order.objects.all():
            self.bought[order.member_id].append(order)
        self.begins, self.ends = clock.day_start(MAY), clock.day_start(JUNE)
        self.shares = {no: self.shares_of(no) for no in LEVELS}

    def within(self, at):
        return self.begins <= at < self.ends

    def shares_of(self, no):
        """Shares of the month: whether each was opened, whether it brought an order."""
        found = []
        for share in Share.objects.filter(post__user__staff_no=no):
            if self.within(share.at):
                opens = list(LinkOpen.objects.filter(share=share))
                found.append((bool(opens), any(self.brought(each) for each in opens)))
        return found

    def brought(self, opening):
        """Tell whether she bought within a week, and had opened no other link later before it."""
        window = timedelta(days=7)
        return any(opening.at <= order.paid_at < opening.at + window for order in self.bought[opening.member_id])

    def of(self, no):
        """Give the figures of a guide: value, of."""
        tasks = list(Task.objects.filter(post__user__staff_no=no))
        due = [task for task in tasks if self.within(task.due_at)]
        orders = [o for o in Order.objects.filter(sold_by__user__staff_no=no) if self.within(o.paid_at)]
        shares = self.shares[no]
        opened, sold = sum(one for one, _ in shares), sum(two for _, two in shares)
        cents = sum(order.amount_cents for order in orders)
        on_time = sum(task.state == "done" and task.ended_at <= task.due_at for task in due)
        added = sum(self.within(bond.began_at) for bond in Bond.objects.filter(post__user__staff_no=no))
        return {
            "recruits": (added, None), "shares": (len(shares), None), "opened": (opened, len(shares)),
            "ordered": (sold, opened), "reply": (None, None), "on_time": (on_time, len(due)), "sales": (cents, None),
            "average": (cents, len(orders)), "content": (sold, None), "coaching": (None, None),
            **self.customers(no, tasks),
        }  # fmt: skip

    def customers(self, no, tasks):
        """Give what is asked of her own customers, one by one."""
        own = [bond.member for bond in Bond.objects.filter(post__user__staff_no=no) if bond.began_at < self.ends]
        sent = {t.member_id for t in tasks if t.outcome == "sent" and t.ended_at and self.within(t.ended_at)}
        found = Counter(reach=sum(member.pk in sent for member in own), customers=len(own))
        for member in own:
            days = [clock.business_day(order.paid_at) for order in self.bought[member.pk]]
            year = [day for day in days if date(2025, 6, 1) <= day < JUNE]
            before = [day for day in days if day < MAY]
            again = any(MAY <= day < JUNE for day in days)
            stage = months_since(max(before, default=clock.business_day(member.joined_at)), MAY)
            found.update(buyers=bool(year), repeat=len(year) > 1, waking=3 <= stage < 6, woken=3 <= stage < 6 and again,
                         lapsed=6 <= stage < 9, won_back=6 <= stage < 9 and again)  # fmt: skip
        pairs = (("reach", "customers"), ("repeat", "buyers"), ("woken", "waking"), ("won_back", "lapsed"))
        return {name: (found[name], found[of]) for name, of in pairs}


def laid():
    guide_kpis.lay("tmp_guide_kpis", month=MAY)
    found = sql.rows("SELECT u.staff_no, k.kpis::text FROM tmp_guide_kpis k JOIN kernel_user u ON u.id = k.user_id")
    return {no: json.loads(kpis) for no, kpis in found}


@pytest.mark.parametrize("seed", [1, 3])
def test_each_figure_is_what_is_counted_by_hand(seed):
    town(seed)
    kept, oracle = laid(), Oracle()
    assert sorted(kept) == sorted(LEVELS)
    seen = Counter()
    for no, level in LEVELS.items():
        figures = oracle.of(no)
        group = level_kpis.group_of(level)
        assert [one["kpi"] for one in kept[no]] == [*(kpi.code for kpi in group.kpis), level_kpis.CONTRIBUTION]
        for one in kept[no][:-1]:
            assert (no, one["kpi"], one["value"], one["of"]) == (no, one["kpi"], *figures[one["kpi"]])
            seen[one["kpi"]] += one["value"] or 0
    assert not {code for code, kpi in level_kpis.KPIS.items() if kpi.connected} - {code for code in seen if seen[code]}


def test_scores_are_shares_of_the_group_and_sum_by_their_weights():
    town(1)
    kept = laid()
    for pair in (("G1", "G3"), ("G2", "G4"), ("G9", "G8")):
        for ones in zip(*(kept[no][:-1] for no in pair), strict=True):
            figures = [figure(one) for one in ones]
            known = [each for each in figures if each is not None]
            scores = [
                each if each is None else round(100 * sum(x <= each for x in known) / len(known)) for each in figures
            ]
            assert [one["score"] for one in ones] == scores
        for no in pair:
            weighed = [(one["score"], level_kpis.KPIS[one["kpi"]].weight) for one in kept[no][:-1] if one["score"]]
            mean = sum(score * weight for score, weight in weighed) / sum(weight for _, weight in weighed)
            assert abs(level_kpis.contribution(kept[no]) - mean) <= 0.5


def figure(one):
    if one["value"] is None or one["of"] == 0:
        return None
    return one["value"] if one["of"] is None else one["value"] / one["of"]


def test_what_nothing_records_is_said_so_and_never_zero():
    levelling.shops()
    levelling.ruled()
    said = {str(line.words): line for line in level_kpis.lines(laid()["G1"])}
    assert (said["咨询回复时长"].value, said["咨询回复时长"].score) == ("未接入", None)
    assert said["任务按时完成率"].value == "—"
    assert said["拉新人数"].value == "0"


def run(as_of, due=None):
    with writing("tests"):
        kept = JobRun.objects.create(name="assess_guides", as_of=as_of, due_at=due)
    return analytics_jobs.assess_guides(kept, as_of)


def test_the_job_assesses_the_month_before_once_and_by_itself_in_its_first_days_alone():
    levelling.shops()
    assert run(date(2026, 6, 2)) == {"waits": True}
    levelling.ruled()
    levelling.sell(MAY, 9_000)
    assert run(date(2026, 6, 6), world.NOW) == {"waits": True}
    assert not GuideAssessment.objects.exists()
    assert run(date(2026, 6, 5), world.NOW + timedelta(days=1)) == {
        "month": "2026-05", "assessed": 3, "kept": 2, "promoted": 1,
    }  # fmt: skip
    assert run(date(2026, 6, 15)) == {"month": "2026-05", "assessed": 0}
    assert level_kpis.contribution(GuideAssessment.objects.get(user__staff_no="G1").kpis) is not None
    assert jobs.enter(name="assess_guides", as_of=date(2026, 6, 15), at=world.NOW)
