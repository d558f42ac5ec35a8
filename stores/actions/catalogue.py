"""Record products, categories, channels and scenes."""

from datetime import datetime

from django.utils.translation import gettext_noop

from newretail.kernel import staging
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
)


def _know_categories(_params: staging.Params, _outcome: Outcome) -> None:
    staging.execute(
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


def _know(table: str, source: str, column: str, shipped: dict[str, str], always: tuple[str, ...]) -> None:
    # A channel may be called by its name; a word nobody knows becomes a channel of its own.
    staging.execute(
        f"UPDATE {source} i SET {column} = c.code FROM {table} c WHERE c.name = i.{column} AND c.code <> i.{column}"
    )
    found = staging.rows(
        f"SELECT w FROM (SELECT DISTINCT {column} FROM {source} WHERE {column} IS NOT NULL"
        f" UNION SELECT unnest(%(always)s::text[])) AS words(w)"
        f" WHERE NOT EXISTS (SELECT 1 FROM {table} c WHERE c.code = w) ORDER BY w",
        {"always": list(always)},
    )
    if not found:
        return
    if len(found) + int(staging.rows(f"SELECT count(*) FROM {table}")[0][0]) > MAX_CHANNELS:
        raise TooManyChannels
    by_name = {name: code for code, name in shipped.items()}
    codes = [by_name.get(word, word) for (word,) in found]
    staging.execute(
        f"INSERT INTO {table} (code, name) SELECT * FROM unnest(%(codes)s::text[], %(names)s::text[])"
        " ON CONFLICT (code) DO NOTHING",
        {"codes": codes, "names": [shipped.get(code, code) for code in codes]},
    )
    if codes != [word for (word,) in found]:
        _know(table, source, column, shipped, always)


def know_channels(*, table: str) -> None:
    """Make sure that the channels and scenes a staged batch of orders names exist; part of the verb that calls it.

    Refuses: TooManyChannels.
    """
    _know("stores_channel", table, "channel", CHANNELS, ("mall", "store"))
    _know("stores_scene", table, "scene", SCENES, ())
