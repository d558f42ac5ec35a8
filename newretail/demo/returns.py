"""Takes a few purchases back: a line, a whole basket, or a sum of an order without lines."""

from datetime import date

import numpy as np
import pandas as pd

from newretail.demo import draws
from newretail.demo.labels import REAL

REFUNDED_SHARE = 0.015
WHOLE_SHARE = 0.4
PIECE_SHARE = 0.5
COLUMNS = ["refund_no", "order_no", "source", "line_no", "quantity", "amount", "refunded_at"]


def refunds(visits: pd.DataFrame, lines: pd.DataFrame, *, today: date) -> pd.DataFrame:
    """List the refunds, one to twelve days after the purchase and before today; money in cents.

    An order without lines is refunded as an order: its line_no stays empty.
    """
    taken = visits[(draws.unit(visits["key"], "refund") < REFUNDED_SHARE) & (visits["cents"] > 0)]
    keys = taken["key"].to_numpy()
    days = pd.to_timedelta(draws.between(keys, "refund.days", 1, 13), "D")
    clock = pd.to_timedelta(draws.between(keys, "refund.clock", 36_000, 75_600), "s")
    taken = taken.assign(
        refunded_at=(taken["at"].dt.normalize() + days + clock).astype("M8[s]"),
        whole=draws.unit(keys, "refund.whole") < WHOLE_SHARE,
        refund_no="R" + taken["order_no"],
    )
    taken = taken[taken["refunded_at"] < pd.Timestamp(today)]
    lined = taken["source"] == REAL
    rows = pd.concat([_of_lines(taken[lined], lines), _of_orders(taken[~lined])])
    return rows.sort_values(["refunded_at", "order_no", "line_no"], ignore_index=True)[COLUMNS]


def _of_lines(taken: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Refund every paid line of a basket, or one of them, or one piece of it."""
    paid = lines[lines["cents"] > 0]
    rows = paid.merge(taken, left_on="basket", right_on="key", suffixes=("", "_basket"))
    turn = pd.Series(draws.unit(draws.pair(rows["key"], rows["line_no"]), "refund.line"))
    chosen = turn == turn.groupby(rows["key"]).transform("min")
    rows = rows[rows["whole"] | chosen]
    pieces = rows["quantity"].clip(lower=1)
    single = ~rows["whole"] & (draws.unit(rows["key"], "refund.piece") < PIECE_SHARE)
    return rows.assign(
        quantity=np.where(single, rows["quantity"].clip(upper=1), rows["quantity"]),
        amount=np.where(single, (rows["cents"] // pieces).clip(lower=1), rows["cents"]),
        line_no=rows["line_no"].astype("Int64"),
    )


def _of_orders(taken: pd.DataFrame) -> pd.DataFrame:
    """Refund an order without lines: all of it, or a part."""
    part = 0.2 + 0.5 * draws.unit(taken["key"], "refund.part")
    some = np.maximum(np.rint(taken["cents"] * part).astype(np.int64), 1)
    return taken.assign(
        line_no=pd.array([pd.NA] * len(taken), dtype="Int64"),
        quantity=0,
        amount=np.where(taken["whole"], taken["cents"], some),
    )
