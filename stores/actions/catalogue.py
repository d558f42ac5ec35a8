"""Record products, categories, channels and scenes."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from newretail.kernel import sql, staging
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

MAX_CHANNELS = 60  # more different words in a channel column are a mistake in the file
# Codes every brand begins with, and what they are called in its language.
CHANNELS = {
    "store": "门店", "mall": "小程序商城", "live": "直播", "group_buy": "社群团购", "marketplace": "第三方平台",
}  # fmt: skip
SCENES = {
    "live_stream": "直播", "image_text": "图文", "short_video": "短视频", "community": "社群团购",
    "store_share": "门店分享",
}  # fmt: skip


class TooManyChannels(Refused):
    """A file names more channels than a chain has."""

    code = "too_many_channels"
    sentence = gettext_noop("There are too many different channels; check the column.")


RECIPE = staging.Recipe(
    name="products",
    line_name="stores.product.recorded",
    types={"line": "int", "dup_of": "int", "price_cents": "bigint"},
    resolve="""
SELECT i.*, p.id AS existing, coalesce(c.id, p.category_id) AS category_id,
  coalesce(i.price_cents, p.price_cents, 0) AS new_cents, NULL::text AS error, NULL::text AS error_column,
  p.id IS NOT NULL AND (i.name, coalesce(c.id, p.category_id), coalesce(i.price_cents, p.price_cents))
    IS NOT DISTINCT FROM (p.name, p.category_id, p.price_cents) AS same
FROM tmp_products_in i
LEFT JOIN stores_product p ON p.sku = i.sku
LEFT JOIN stores_category c ON c.name = i.category
""",
    write="""
INSERT INTO stores_product AS p (sku, name, category_id, price_cents, entry_id)
SELECT t.sku, t.name, t.category_id, t.new_cents, %(entry)s
FROM tmp_products t WHERE t.same IS NOT TRUE ORDER BY t.sku
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, category_id = excluded.category_id,
  price_cents = excluded.price_cents, entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="stores.product.withdrawn",
    trail=Trail(
        creates=("stores_product",),
        counted=(("stores_product", "created"),),
        words=("stores_category",),
        keeps=(("stores_product", "k.id IN (SELECT existing FROM tmp_products WHERE same IS NOT TRUE)"),),
    ),
)


def _know_categories(_params: sql.Params, _outcome: Outcome) -> None:
    sql.execute(
        "INSERT INTO stores_category (name) SELECT DISTINCT i.category FROM tmp_products_in i"
        " WHERE i.category IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM stores_category c WHERE c.name = i.category) ORDER BY 1 ON CONFLICT DO NOTHING"
    )


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Record products by SKU; their categories come into being with them.

    Batch columns: those of `stores.importers.PRODUCTS`.
    Writes: stores.product.recorded.
    """
    return staging.record(RECIPE, batch, at=at, by=by, steps=staging.Steps(prepare=_know_categories))


@dataclass(frozen=True)
class Words:
    """A column of orders whose words are codes of a table; a word nobody knows becomes a code of its own."""

    table: str
    column: str
    shipped: dict[str, str]
    always: tuple[str, ...] = ()


CHANNEL = Words("stores_channel", "channel", CHANNELS, always=("mall", "store"))
SCENE = Words("stores_scene", "scene", SCENES)
SHIP = """
INSERT INTO {table} (code, name)
SELECT s.code, s.name FROM unnest(%(codes)s::text[], %(names)s::text[]) AS s(code, name)
WHERE (s.code = ANY(%(always)s::text[])
    OR EXISTS (SELECT 1 FROM {source} i WHERE i.{column} IN (s.code, s.name)))
  AND NOT EXISTS (SELECT 1 FROM {table} c WHERE c.code = s.code)
ORDER BY s.code ON CONFLICT (code) DO NOTHING
"""
BY_NAME = """
UPDATE {source} i SET {column} = c.code FROM {table} c WHERE c.name = i.{column}
  AND NOT EXISTS (SELECT 1 FROM {table} k WHERE k.code = i.{column})
"""
FRESH = """
INSERT INTO {table} (code, name) SELECT DISTINCT i.{column}, i.{column} FROM {source} i
WHERE i.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} c WHERE c.code = i.{column})
ORDER BY 1 ON CONFLICT (code) DO NOTHING
"""


# Nearly every batch names codes that are known: one look at both columns, and nothing is to be done.
STRANGE = """
SELECT (SELECT count(*) FROM stores_channel WHERE code = ANY(%(always)s)) < cardinality(%(always)s)
  OR EXISTS (SELECT 1 FROM {source} i WHERE i.channel IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM stores_channel c WHERE c.code = i.channel)),
  EXISTS (SELECT 1 FROM {source} i WHERE i.scene IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM stores_scene c WHERE c.code = i.scene))
"""


def _know(words: Words, source: str) -> None:
    names = {"table": words.table, "column": words.column, "source": source}
    shipped: sql.Params = {
        "codes": list(words.shipped), "names": list(words.shipped.values()), "always": list(words.always),
    }  # fmt: skip
    sql.execute(SHIP.format(**names), shipped)
    sql.execute(BY_NAME.format(**names))
    fresh = sql.execute(FRESH.format(**names))
    if fresh and int(sql.rows(f"SELECT count(*) FROM {words.table}")[0][0]) > MAX_CHANNELS:
        raise TooManyChannels


def know_channels(*, table: str) -> None:
    """Make sure that the channels and scenes a staged batch of orders names exist; part of the verb that calls it.

    Refuses: TooManyChannels.
    """
    strange = sql.rows(STRANGE.format(source=table), {"always": list(CHANNEL.always)})[0]
    for words, some in zip((CHANNEL, SCENE), strange, strict=True):
        if some:
            _know(words, table)
