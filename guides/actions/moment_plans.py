"""Plan the weeks of Moments: proposed from the content centre for all stores at once, changed slot by slot."""

import json
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from guides.models import Material, MomentSlot
from guides.queries import moment_weeks
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

HOLD = "SELECT pg_advisory_xact_lock(hashtext('guides.moments'), %(key)s)"
BRAND, PRODUCT = Material.Category.BRAND, Material.Category.PRODUCT
# Stores with guides that have no plan of the week yet; none before the content centre holds anything for it.
PLACES = """
SELECT s.id, s.region_id FROM stores_store s
WHERE EXISTS (SELECT FROM stores_post p WHERE p.store_id = s.id AND p.role = 'guide' AND p.until IS NULL)
  AND NOT EXISTS (SELECT FROM guides_momentslot k WHERE k.store_id = s.id AND k.week_on = %(week)s)
  AND EXISTS (SELECT FROM guides_material m WHERE m.state = 'published'
    AND (m.first_on IS NULL OR m.first_on < %(week)s::date + 7) AND (m.last_on IS NULL OR m.last_on >= %(week)s))
"""
# What each store may post in the week, in the order of its turn: one of each product first, then what was not planned
# for the longest time, then the newest.
OFFERED = """
WITH usable AS (
  SELECT s.id AS store_id, m.id, m.code, m.category, m.product_id, m.first_on, m.last_on, m.published_at
  FROM tmp_places s JOIN guides_material m ON m.state = 'published'
    AND (m.first_on IS NULL OR m.first_on < %(week)s::date + 7) AND (m.last_on IS NULL OR m.last_on >= %(week)s)
  WHERE EXISTS (SELECT FROM guides_material_stores x WHERE x.material_id = m.id AND x.store_id = s.id)
    OR EXISTS (SELECT FROM guides_material_regions x WHERE x.material_id = m.id AND x.region_id = s.region_id)
    OR NOT EXISTS (SELECT FROM guides_material_stores x WHERE x.material_id = m.id)
      AND NOT EXISTS (SELECT FROM guides_material_regions x WHERE x.material_id = m.id)
), planned AS (
  SELECT k.store_id, m.code, max(k.day) AS last_day FROM guides_momentslot k
  JOIN guides_material m ON m.id = k.material_id WHERE k.week_on < %(week)s GROUP BY 1, 2
), of_product AS (
  SELECT u.*, p.last_day, row_number() OVER (PARTITION BY u.store_id, u.category, coalesce(u.product_id, -u.id)
    ORDER BY p.last_day NULLS FIRST, u.published_at DESC, u.code) AS nth
  FROM usable u LEFT JOIN planned p ON p.store_id = u.store_id AND p.code = u.code
)
SELECT o.*, count(*) OVER (PARTITION BY store_id, category) AS n,
  row_number() OVER (PARTITION BY store_id, category
    ORDER BY nth, last_day NULLS FIRST, published_at DESC, code) - 1 AS turn
FROM of_product o
"""
# The kth slot of a category gets the kth material, from the first again where there are fewer; one that is not valid
# on the day gives way to the next. Without brand advertising its slot is about a product.
PROPOSE = """
INSERT INTO guides_momentslot
  (ref, store_id, week_on, nth, day, part, opens_at, closes_at, category, material_id, entry_id)
SELECT gen_random_uuid(), store_id, %(week)s, nth, day, part, opens_at, closes_at, category, material_id, %(entry)s
FROM (
  SELECT DISTINCT ON (s.id, t.nth) s.id AS store_id, t.nth, t.day, t.part, t.opens_at, t.closes_at,
    o.id AS material_id, coalesce(o.category, CASE WHEN t.category = 'brand' THEN 'product' ELSE t.category END)
      AS category
  FROM tmp_places s
  CROSS JOIN jsonb_to_recordset(%(slots)s::jsonb) t(nth int, day date, part text, category text, kth int,
    opens_at timestamptz, closes_at timestamptz)
  LEFT JOIN tmp_offered o ON o.store_id = s.id
    AND (o.category = t.category OR t.category = 'brand' AND o.category = 'product')
    AND (o.first_on IS NULL OR o.first_on <= t.day) AND (o.last_on IS NULL OR o.last_on >= t.day)
  ORDER BY s.id, t.nth, o.category <> t.category,
    (o.turn - CASE WHEN o.category = t.category THEN t.kth ELSE %(products)s END + o.n * 100) %% o.n
) p ORDER BY store_id, nth
"""


class WeekOver(Refused):
    """Its time is over, or nothing can be planned for then."""

    code = "moments_week_over"
    sentence = gettext_noop("This day of the plan is over.")


class NotToBePlanned(Refused):
    """The store may not post it on that day."""

    code = "material_not_for_the_day"
    sentence = gettext_noop(
        "The store cannot post this material on %(day)s: it is not published, valid or meant for it."
    )


class AdvertPlanned(Refused):
    """One brand advertisement a week is the most."""

    code = "brand_advert_planned"
    sentence = gettext_noop("The week has its brand advertising already; more than one a week is too much.")


@verb
def propose(*, week_on: date, at: datetime, by: User | None = None) -> int:
    """Plan a week (its Monday) for every store with guides that has no plan of it; returns how many slots were made.

    By the brand's rule, from what the content centre offers each store; the same materials give the same plan.
    Refuses: WeekOver.
    Writes: guides.moment_slot.proposed.
    """
    if week_on != moment_weeks.monday(week_on) or week_on + moment_weeks.WEEK <= clock.business_day(at):
        raise WeekOver
    sql.rows(HOLD, {"key": week_on.toordinal()})
    given: sql.Params = {"week": week_on}
    sql.temporary("tmp_places", PLACES, given)
    stores = sql.count("tmp_places")
    if not stores:
        return 0
    sql.temporary("tmp_offered", OFFERED, given)
    entry = journal.reserve()
    slots = sql.execute(PROPOSE, {**given, "entry": entry, **_slots(week_on)})
    journal.write(
        "guides.moment_slot.proposed", at=at, by=by, entry_id=entry, week=week_on.isoformat(), stores=stores,
        slots=slots,
    )  # fmt: skip
    return slots


def _slots(week_on: date) -> sql.Params:
    """Write the slots of a week down, and how many of them are about products."""
    rule, rows = moment_weeks.rule(), []
    for each in (planned := moment_weeks.shape(rule)):
        opens, closes = moment_weeks.span(rule, week_on, each)
        rows.append({
            "nth": each.nth, "day": (week_on + timedelta(days=each.weekday)).isoformat(), "part": each.part,
            "category": each.category, "kth": each.kth, "opens_at": opens.isoformat(), "closes_at": closes.isoformat(),
        })  # fmt: skip
    return {"slots": json.dumps(rows), "products": sum(each.category == PRODUCT for each in planned)}


@verb
def replace(*, slot: MomentSlot, material: str, at: datetime, by: User | None = None) -> MomentSlot:
    """Give a slot another material (its code), or none: words of the guide's own. What was posted stays as it was.

    Refuses: WeekOver, NotToBePlanned, AdvertPlanned.
    Writes: guides.moment_slot.changed.
    """
    sql.rows(HOLD, {"key": -slot.store_id})
    row = MomentSlot.objects.select_for_update(no_key=True).get(pk=slot.pk)
    if row.day < clock.business_day(at):
        raise WeekOver
    row.material = _for_the_day(row, material) if material else None
    row.category = row.material.category if row.material else PRODUCT if row.category == BRAND else row.category
    others = MomentSlot.objects.filter(store=row.store_id, week_on=row.week_on, category=BRAND).exclude(pk=row.pk)
    if row.category == BRAND and others.exists():
        raise AdvertPlanned
    failpoint("moments.judged")
    journal.write(
        "guides.moment_slot.changed", at=at, by=by, subject=f"store:{row.store_id}", week=row.week_on.isoformat(),
        nth=row.nth, material=material,
    )  # fmt: skip
    row.save()
    return row


def _for_the_day(slot: MomentSlot, code: str) -> Material:
    usable = Material.objects.current(slot.day).used_in([slot.store_id])
    found = usable.filter(code=code).first()
    if found is None:
        raise NotToBePlanned(day=slot.day.isoformat())
    return found
