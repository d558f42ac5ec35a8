"""What customers of the demo say: surveys a week after a purchase, words beside them, samples of what sells best."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from guides.actions import feedback, samples, surveys, tasks
from guides.actions.feedback import Heard
from guides.actions.replies import Answered
from guides.actions.samples import Offer
from guides.actions.tasks import Result
from guides.models import Bond, Feedback, Sample, SurveyReply, Task, TaskRule
from guides.queries import asking
from members.actions.contacts import MayNotBeTouched
from members.queries import families
from newretail.demo import logins
from newretail.kernel import clock, sql
from newretail.kernel.verbs import Refused
from stores.models import Post, Product

GUIDES, SAMPLES_EACH, NAMES = 24, 8, uuid.UUID("6f1c9d2e-70b5-4a55-9d0e-3a7d6b1f2c48")
DAYS = (19, 15, 12, 9)  # so many days ago the purchases were paid that guides asked about
ASKED = """
SELECT member_id, post_id, 'rule:survey:order:' || id AS source, facts, paid_at + interval '7 days' AS due_at,
  paid_at + interval '14 days' AS expires_at
FROM (SELECT o.id, o.member_id, b.post_id, o.paid_at,
        jsonb_build_object('day', to_char(o.paid_at AT TIME ZONE %(zone)s, 'MM-DD'), 'product', d.name) AS facts,
        row_number() OVER (PARTITION BY b.post_id ORDER BY o.amount_cents DESC, o.id)
      FROM members_order o JOIN guides_bond b ON b.member_id = o.member_id AND b.ended_at IS NULL
      CROSS JOIN LATERAL (SELECT p.name FROM members_orderline l JOIN stores_product p ON p.id = l.product_id
        WHERE l.order_id = o.id ORDER BY l.amount_cents DESC, l.line_no LIMIT 1) d
      WHERE b.post_id = ANY(%(posts)s) AND o.paid_at >= %(first)s AND o.paid_at < %(until)s
        AND o.refunded_cents = 0) w
WHERE row_number <= 2
"""
BEST = """
SELECT l.product_id FROM members_order o JOIN members_orderline l ON l.order_id = o.id
WHERE o.paid_at >= %(since)s GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
"""
WORDS = ("味道不错，家里老人也喜欢", "包装再小一点就好了", "", "送货很快，下次还来", "", "比上次的淡一些", "")
SAID = (
    (Feedback.Kind.PRAISE, "孩子特别爱吃，已经推荐给邻居"), (Feedback.Kind.WISH, "希望有小份装，一个人吃不完"),
    (Feedback.Kind.COMPLAINT, "收到时有一盒压坏了"), (Feedback.Kind.PRAISE, "导购推荐得很合适"),
    (Feedback.Kind.WISH, "想要无糖的"),
)  # fmt: skip


def listen(*, at: datetime) -> int:
    """Ask after purchases, note what is said, give samples; how many replies there are."""
    if SurveyReply.objects.exists():
        return 0
    surveys.add_example(at=at - timedelta(days=DAYS[0] + 1))
    guides = _guides()
    for days in DAYS:
        _ask(guides, at - timedelta(days=days))
    _answer(at)
    tasks.expire(at=at)
    tasks.settle(at=at)
    _note(guides, at)
    _give(guides, at)
    return SurveyReply.objects.count()


def _guides() -> list[Post]:
    """Take the guides of the busiest store, then others."""
    guides = Post.objects.filter(role=Post.Role.GUIDE, until__isnull=True).select_related("user").order_by("pk")
    own = list(guides.filter(store=logins.busiest()))
    return [*own, *guides.exclude(pk__in=[post.pk for post in own])][:GUIDES]


@transaction.atomic
def _ask(guides: list[Post], at: datetime) -> None:
    rule = TaskRule.objects.select_related("brief").get(code=surveys.RULE.code)
    first = clock.day_start(clock.business_day(at))
    given = {"posts": [post.pk for post in guides], "zone": clock.brand_zone().key, "first": first,
             "until": first + timedelta(days=1)}  # fmt: skip
    sql.temporary("tmp_asking", ASKED, given)
    tasks.assign(table="tmp_asking", brief=rule.brief, rule=rule, at=first + timedelta(days=1))


def _answer(at: datetime) -> None:
    """Let four of five be asked; the others were not reached, or still wait."""
    asked = Task.objects.open().filter(rule__code=surveys.RULE.code).select_related("post__user")
    for turn, task in enumerate(asked.order_by("assigned_at", "id")):
        done_at = min(at - timedelta(minutes=9), task.due_at - timedelta(hours=turn % 40))
        if turn % 7 < 6 and done_at > task.assigned_at:
            _record(task, turn, done_at)


def _record(task: Task, turn: int, at: datetime) -> None:
    score = (5, 4, 5, 3, 4, 5, 2)[turn % 7]
    answers = {1: str(score), 2: str(1 + turn % 5), 3: str(int(score > 2)), 4: str(min(10, score * 2)),
               5: WORDS[turn % len(WORDS)]}  # fmt: skip
    result = Result("replied", answered=Answered(answers)) if turn % 5 else Result("unreachable")
    given: dict[str, Any] = {"task": task.ref, "within": [task.post_id], "at": at, "by": task.post.user}
    try:
        tasks.complete(result=result, **given)
    except MayNotBeTouched:
        tasks.complete(result=Result("refused", note="未授权联系"), **given)


def _note(guides: list[Post], at: datetime) -> None:
    for turn, post in enumerate(guides[: len(SAID) * 3]):
        kind, words = SAID[turn % len(SAID)]
        bond = Bond.objects.open().filter(post=post).select_related("member").order_by("member__seat").first()
        if bond:
            goods = asking.bought_lately(families.ids_of(bond.member))
            heard = Heard(kind, words, goods[turn % len(goods)].sku if goods else "")
            when = at - timedelta(days=1 + turn, hours=turn % 5)
            feedback.note(ref=uuid.uuid5(NAMES, f"said:{turn}"), bond=bond, heard=heard, at=when, by=post.user)


def _give(guides: list[Post], at: datetime) -> None:
    """Give samples of what sells best to some customers of each."""
    best = sql.rows(BEST, {"since": at - timedelta(days=30)})
    if Sample.objects.exists() or not best:
        return
    day = clock.business_day(at)
    offer = Offer("best", "人气好物试用", Product.objects.get(pk=best[0][0]), day - timedelta(days=30),
                  day + timedelta(days=30), counts="category")  # fmt: skip
    samples.keep(offer=offer, at=at - timedelta(days=30))
    for number, post in enumerate(guides):
        bonds = Bond.objects.open().filter(post=post).select_related("member").order_by("member__seat")
        for turn, bond in enumerate(bonds[:SAMPLES_EACH]):
            when = at - timedelta(days=26 - (turn * 3 + number) % 24, minutes=turn * 17 + number)
            try:
                samples.give(bond=bond, campaign=offer.code, at=when, by=post.user)
            except Refused:
                continue
