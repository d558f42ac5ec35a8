"""Post in Moments: a guide says that she made the post of a slot, takes it back, and the platform confirms it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop

from guides.actions.moment_plans import WeekOver
from guides.actions.tasks import UNDO_TAKEN, TooLateToUndo
from guides.models import Material, MomentPost, MomentSlot
from guides.queries.moment_weeks import WEEK
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post

# Whoever posts as one person queues here, whichever of her stores it is for.
HOLD = "SELECT id FROM kernel_user WHERE id = %(user)s FOR NO KEY UPDATE"


class UnknownSlot(Refused):
    """There is no such slot in the plan of her store."""

    code = "unknown_moment_slot"
    sentence = gettext_noop("This is not in the plan of your store any more; look at the list again.")


class NotYet(Refused):
    """Its day has not come."""

    code = "moment_not_yet"
    sentence = gettext_noop("This post is planned for %(day)s: make it then.")


class PostedAlready(Refused):
    """She made it before."""

    code = "moment_posted_already"
    sentence = gettext_noop("You have made this post already.")


class AdvertPosted(Refused):
    """Brand advertising once a week is the most."""

    code = "brand_advert_posted"
    sentence = gettext_noop("You have posted brand advertising this week already: once a week is the most.")


@verb
def record(*, slot: UUID, within: list[int], at: datetime, by: User) -> MomentPost:
    """Keep that a guide made the post of a slot, by her own word, as one of her posts (ids) at the slot's store.

    It may be made up for until the week ends. Brand advertising beyond one a week is refused, not kept aside: it is
    the customers who are spared, and what is not posted yet can still be left alone.
    Refuses: UnknownSlot, NotYet, WeekOver, PostedAlready, AdvertPosted.
    Writes: guides.moment_post.made.
    """
    planned, holder = _planned(slot, within)
    today = clock.business_day(at)
    if planned.day > today:
        raise NotYet(day=planned.day.isoformat())
    if planned.week_on + WEEK <= today:
        raise WeekOver
    sql.rows(HOLD, {"user": by.pk})
    if planned.posts.filter(post=holder, undone_at__isnull=True).exists():
        raise PostedAlready
    if planned.category == Material.Category.BRAND and _advertised(by, planned):
        raise AdvertPosted
    failpoint("moments.posting")
    line = journal.write(
        "guides.moment_post.made", at=at, by=by, subject=f"post:{holder.pk}", category=planned.category
    )
    return MomentPost.objects.create(
        slot=planned, post=holder, by=by, week_on=planned.week_on, category=planned.category,
        material=planned.material, at=at, entry_id=line.pk,
    )  # fmt: skip


def _planned(slot: UUID, within: list[int]) -> tuple[MomentSlot, Post]:
    planned = MomentSlot.objects.select_related("material").filter(ref=slot).first()
    holder = Post.objects.filter(pk__in=within, store=planned.store_id).first() if planned else None
    if planned is None or holder is None:
        raise UnknownSlot
    return planned, holder


def _advertised(by: User, slot: MomentSlot) -> bool:
    made = MomentPost.objects.standing().filter(by=by, week_on=slot.week_on)
    return made.filter(category=Material.Category.BRAND).exists()


@verb
def undo(*, slot: UUID, within: list[int], at: datetime, by: User) -> MomentPost:
    """Take back that she made a post, within the same seconds as a task; what the platform confirmed stays.

    Refuses: UnknownSlot, TooLateToUndo.
    Writes: guides.moment_post.undone.
    """
    planned, holder = _planned(slot, within)
    rows = MomentPost.objects.standing().select_for_update(no_key=True)
    made = rows.filter(slot=planned, post=holder).first()
    if made is None or made.evidence != MomentPost.Evidence.SELF or at - made.at > UNDO_TAKEN:
        raise TooLateToUndo
    line = journal.write("guides.moment_post.undone", at=at, by=by, subject=f"post:{holder.pk}", category=made.category)
    made.undone_at, made.undo_entry_id = at, line.pk
    made.save()
    return made
