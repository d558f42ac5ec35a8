"""Take back what an import brought: stores, products, staff, versions of targets, exactly as it was before."""

from datetime import datetime

from newretail.kernel import clock, sql, staging
from newretail.kernel.actions.images import ChangedSince
from newretail.kernel.models import User
from newretail.kernel.verbs import verb
from stores.actions import catalogue, places, posts, targets
from stores.models import TargetPlan
from stores.queries import targets as aims

LATER = """
SELECT count(*) FROM stores_targetplan p JOIN stores_targetplan l ON (l.month, l.metric) = (p.month, p.metric)
WHERE p.id IN (SELECT id FROM tmp_gone_stores_targetplan) AND l.version > p.version
"""
OVER = "SELECT min(month) FROM stores_targetplan WHERE id IN (SELECT id FROM tmp_gone_stores_targetplan)"


@verb
def withdraw_stores(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the stores that a line recorded, with the regions only they stand in.

    Refuses: ChangedSince, StillNeeded.
    Writes: stores.store.withdrawn.
    """
    staging.withdraw(places.RECIPE, entry_id=entry_id, at=at, by=by)


@verb
def withdraw_products(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the products that a line recorded, with the categories only they stand in.

    Refuses: ChangedSince, StillNeeded.
    Writes: stores.product.withdrawn.
    """
    staging.withdraw(catalogue.RECIPE, entry_id=entry_id, at=at, by=by)


@verb
def withdraw_staff(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the people and posts that a line recorded; who has signed in since stays, and all of it with her.

    Refuses: ChangedSince, StillNeeded.
    Writes: stores.post.withdrawn.
    """
    staging.withdraw(posts.RECIPE, entry_id=entry_id, at=at, by=by)


@verb
def withdraw_targets(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the versions of targets that a line planned: the ones before them are in force again.

    Refuses: ChangedSince (there is a later version), ClosedMonth, StillNeeded.
    Writes: stores.target.withdrawn.
    """
    targets.lock()

    def left(params: sql.Params) -> staging.Facts:
        first = sql.rows(OVER, params)[0][0]
        if first is not None and first < aims.month_of(clock.business_day(at)):
            raise targets.ClosedMonth(month=f"{first:%Y-%m}")
        later = int(sql.rows(LATER, params)[0][0])
        if later:
            raise ChangedSince(count=later, noun=str(TargetPlan._meta.verbose_name_plural))
        return {}

    staging.withdraw(targets.RECIPE, entry_id=entry_id, at=at, by=by, left=left)
