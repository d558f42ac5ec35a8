"""Hand a coupon to a customer, within what a guide may hand out in a month; say how many that are."""

from datetime import datetime

from django.utils.translation import gettext_noop

from guides.models import Bond, CouponHandout, CouponQuota, Task
from guides.models.handouts import MOST_A_MONTH
from guides.queries import quotas
from members.actions import coupons
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

SOURCE = "guides.handout"
# Whoever hands out as one guide queues at her post: what is counted behind it stands still.
HOLD = "SELECT id FROM stores_post WHERE id = %(post)s FOR NO KEY UPDATE"


class QuotaUsedUp(Refused):
    """She has handed out as many as she may."""

    code = "coupon_quota_used_up"
    sentence = gettext_noop("You have handed out all %(most)s coupons of this month.")


class NotYours(Refused):
    """She is not her customer, or the plan is not hers to hand out."""

    code = "not_yours_to_hand_out"
    sentence = gettext_noop("This coupon cannot be handed to her: look at the list again.")


class AlreadyHanded(Refused):
    """The coupon of this task was handed out."""

    code = "coupon_already_handed"
    sentence = gettext_noop("The coupon of this task has been handed out already.")


class BadQuota(Refused):
    """The number is none a month can have."""

    code = "bad_quota"
    sentence = gettext_noop("Give a whole number from 0 to 10,000.")


@verb
def give(*, bond: Bond, plan: str, at: datetime, by: User, task: Task | None = None) -> CouponHandout:
    """Hand a coupon of a plan (its code) to the customer of a bond; it counts within the guide's month.

    A task hands out one coupon.
    Refuses: NotYours, AlreadyHanded, QuotaUsedUp, PlanStopped, PlanOver, OutOfStock, LimitReached.
    Writes: guides.coupon.handed_out, members.coupon.issued.
    """
    sql.rows(HOLD, {"post": bond.post_id})
    held = Bond.objects.select_for_update(no_key=True, of=("self",)).select_related("post").get(pk=bond.pk)
    chosen = quotas.offered(held.post, at).filter(code=plan.replace("\0", "")).first()
    if held.ended_at or chosen is None:
        raise NotYours
    if task and CouponHandout.objects.filter(task=task).exists():
        raise AlreadyHanded
    quota = quotas.quota_of(held.post_id, at)
    if not quota.left:
        raise QuotaUsedUp(most=quota.most)
    failpoint("handout.judged")
    return _write(CouponHandout(post=held.post, member_id=held.member_id, plan=chosen, task=task), quota, at, by)


def _write(given: CouponHandout, quota: quotas.Quota, at: datetime, by: User) -> CouponHandout:
    given.nth, given.most, given.month = quota.used + 1, quota.most, quotas.month_of(at)
    key = f"{given.post_id}:{given.month:%Y-%m}:{given.nth}"
    coupons.issue(plan=given.plan, members=[given.member_id], source=SOURCE, key=key, at=at, by=by)
    line = journal.write(
        "guides.coupon.handed_out", at=at, by=by, subject=f"member:{given.member_id}", plan=given.plan.code,
        nth=given.nth,
    )  # fmt: skip
    given.handed_at, given.by, given.entry_id = at, by, line.pk
    given.save()
    return given


@verb
def allow(*, post: Post, a_month: int, at: datetime, by: User) -> CouponQuota:
    """Say how many coupons one guide may hand out in a month.

    Refuses: BadQuota.
    Writes: guides.coupon_quota.set.
    """
    if not 0 <= a_month <= MOST_A_MONTH:
        raise BadQuota
    sql.rows(HOLD, {"post": post.pk})
    line = journal.write("guides.coupon_quota.set", at=at, by=by, subject=f"post:{post.pk}", a_month=a_month)
    said = {"a_month": a_month, "set_at": at, "by": by, "entry_id": line.pk}
    return CouponQuota.objects.update_or_create(post=post, defaults=said)[0]
