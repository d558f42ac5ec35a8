"""Record stores and their regions."""

from datetime import datetime

from newretail.kernel import sql, staging
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

RECIPE = staging.Recipe(
    name="stores",
    line_name="stores.store.recorded",
    types={
        "line": "int", "dup_of": "int", "latitude": "float8", "longitude": "float8", "opened_on": "date",
    },
    resolve="""
SELECT i.*, s.id AS existing, r.id AS region_id,
  s.id IS NOT NULL AND (i.name, coalesce(r.id, s.region_id), coalesce(i.city, s.city),
      coalesce(i.latitude, s.latitude), coalesce(i.longitude, s.longitude), coalesce(i.opened_on, s.opened_on))
    IS NOT DISTINCT FROM (s.name, s.region_id, s.city, s.latitude, s.longitude, s.opened_on) AS same,
  CASE WHEN i.latitude IS NULL AND i.longitude IS NULL THEN NULL
    WHEN i.latitude IS NULL OR i.longitude IS NULL THEN 'missing'
    WHEN abs(i.latitude) > 90 OR abs(i.longitude) > 180 THEN 'not_number' END AS error,
  CASE WHEN i.latitude IS NULL OR abs(i.latitude) > 90 THEN 'latitude' ELSE 'longitude' END AS error_column
FROM tmp_stores_in i
LEFT JOIN stores_store s ON s.code = i.code
LEFT JOIN stores_region r ON r.name = i.region
""",
    write="""
INSERT INTO stores_store AS s (code, name, region_id, city, latitude, longitude, opened_on, kind, entry_id)
SELECT t.code, t.name, t.region_id, coalesce(t.city, ''), t.latitude, t.longitude, t.opened_on, 'store', %(entry)s
FROM tmp_stores t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.code
ON CONFLICT (code) DO UPDATE SET name = excluded.name, region_id = coalesce(excluded.region_id, s.region_id),
  city = CASE WHEN excluded.city = '' THEN s.city ELSE excluded.city END,
  latitude = coalesce(excluded.latitude, s.latitude), longitude = coalesce(excluded.longitude, s.longitude),
  opened_on = coalesce(excluded.opened_on, s.opened_on), entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="stores.store.withdrawn",
    trail=Trail(
        creates=("stores_store",),
        counted=(("stores_store", "created"),),
        words=("stores_region",),
        keeps=(
            ("stores_store", "k.id IN (SELECT existing FROM tmp_stores WHERE error IS NULL AND same IS NOT TRUE)"),
        ),
    ),
)  # fmt: skip


def _know_regions(_params: sql.Params, _outcome: Outcome) -> None:
    sql.execute(
        "INSERT INTO stores_region (name) SELECT DISTINCT i.region FROM tmp_stores_in i"
        " WHERE i.region IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM stores_region r WHERE r.name = i.region) ORDER BY 1 ON CONFLICT DO NOTHING"
    )


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Record stores by code; their regions come into being with them.

    Batch columns: those of `stores.importers.STORES`. An empty cell keeps what is there.
    Writes: stores.store.recorded.
    """
    return staging.record(RECIPE, batch, at=at, by=by, steps=staging.Steps(prepare=_know_regions))
