"""Take back what an import brought: stores, products, staff, exactly as they were."""

from datetime import datetime

from newretail.kernel import sql, staging
from newretail.kernel.actions import images, journal
from newretail.kernel.models import User
from newretail.kernel.verbs import verb
from stores.actions import catalogue, places, posts


def _nothing_left(_params: sql.Params) -> staging.Facts:
    return {}


@verb
def withdraw_stores(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the stores that a line recorded, with the regions only they stand in.

    Refuses: ChangedSince, StillNeeded.
    Writes: stores.store.withdrawn.
    """
    expected = {"stores_store": images.created_by(entry_id)}
    facts = staging.withdraw(places.RECIPE, entry_id, expected, _nothing_left)
    journal.write("stores.store.withdrawn", at=at, by=by, subject=f"entry:{entry_id}", **facts)


@verb
def withdraw_products(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the products that a line recorded, with the categories only they stand in.

    Refuses: ChangedSince, StillNeeded.
    Writes: stores.product.withdrawn.
    """
    expected = {"stores_product": images.created_by(entry_id)}
    facts = staging.withdraw(catalogue.RECIPE, entry_id, expected, _nothing_left)
    journal.write("stores.product.withdrawn", at=at, by=by, subject=f"entry:{entry_id}", **facts)


@verb
def withdraw_staff(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the people and posts that a line recorded; who has signed in since stays, and all of it with her.

    Refuses: ChangedSince, StillNeeded.
    Writes: stores.post.withdrawn.
    """
    expected = {"kernel_user": images.created_by(entry_id)}
    facts = staging.withdraw(posts.RECIPE, entry_id, expected, _nothing_left)
    journal.write("stores.post.withdrawn", at=at, by=by, subject=f"entry:{entry_id}", **facts)
