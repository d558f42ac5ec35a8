"""Guides of the demo's busiest store win customers: each has her codes, and has handed out some coupons this month."""

from datetime import datetime

from guides.actions import handouts, recruits
from guides.models import Bond, CouponHandout, RecruitCode
from guides.queries import quotas
from newretail.demo import logins
from newretail.kernel.verbs import Refused
from stores.models import Post

SCENES = (RecruitCode.Scene.PHONE, RecruitCode.Scene.TILL, RecruitCode.Scene.TASTING)
EACH = 6


def win(*, at: datetime) -> int:
    """Make the codes, hand out the coupons; how many coupons were handed out."""
    if RecruitCode.objects.exists():
        return 0
    guides = Post.objects.filter(store=logins.busiest(), role=Post.Role.GUIDE, until__isnull=True)
    for post in guides.select_related("user").order_by("pk"):
        for scene in SCENES:
            recruits.make(post=post, scene=scene, at=at, by=post.user)
        _hand_out(post, at)
    return CouponHandout.objects.count()


def _hand_out(post: Post, at: datetime) -> None:
    plans = quotas.plans_for(post, at)
    for turn, bond in enumerate(Bond.objects.open().filter(post=post).order_by("member__seat")[: EACH if plans else 0]):
        try:
            handouts.give(bond=bond, plan=plans[turn % len(plans)].code, at=at, by=post.user)
        except Refused:
            continue
