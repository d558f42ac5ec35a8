"""Who works today by the roster, who is away, and who covers for her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from guides.queries.rosters import OFF_ON
from newretail.kernel import clock, sql

SHOWN = 200
CALLED = "coalesce(nullif({user}.name, ''), {user}.username)"
# Of each store who works, by the hour she begins; then who is away, who is off, of whom nothing is planned.
TODAY = f"""
SELECT {CALLED.format(user="u")} AS name, s.name AS store, h.starts_at, h.ends_at, l.back_on,
  {OFF_ON.format(post="p.id", day="%(day)s::date")} AS off,
  ARRAY(SELECT {CALLED.format(user="v")} FROM guides_leave_covers k JOIN stores_post c ON c.id = k.post_id
        JOIN kernel_user v ON v.id = c.user_id WHERE k.leave_id = l.id AND c.until IS NULL ORDER BY 1) AS covers
FROM stores_post p
JOIN stores_store s ON s.id = p.store_id
JOIN kernel_user u ON u.id = p.user_id AND u.is_active
LEFT JOIN guides_shift h ON h.post_id = p.id AND h.day = %(day)s
LEFT JOIN guides_leave l ON l.post_id = p.id AND l.first_on <= %(day)s AND l.back_on > %(day)s
WHERE p.until IS NULL AND p.role IN ('guide', 'manager')
  AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
ORDER BY s.code, l.back_on IS NOT NULL, h.starts_at NULLS LAST, off DESC, name, p.id LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Today:
    """Somebody's day: her hours, or until when she is away and who covers, or that she is off."""

    name: str
    store: str
    starts_at: datetime | None
    ends_at: datetime | None
    back_on: object
    off: bool
    covers: list[str]

    @property
    def planned(self) -> bool:
        """Tell whether anything is known of her day."""
        return self.off or self.starts_at is not None


def today(stores: Sequence[int] | None, at: datetime) -> list[Today]:
    """Tell of those who serve in these stores (None: all) how they work today; nothing where no roster is kept."""
    given = {"day": clock.business_day(at), "stores": None if stores is None else list(stores), "shown": SHOWN}
    found = [Today(*row) for row in sql.rows(TODAY, given)]
    return found if any(each.planned for each in found) else []
