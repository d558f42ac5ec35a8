"""An independent reading of the rules in pandas: what orders and refunds say of each member as of a day."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

ZONE = ZoneInfo("Asia/Shanghai")
GROUPS = {
    (True, True, True): "important_value", (True, False, True): "important_develop",
    (False, True, True): "important_keep", (False, False, True): "important_retain",
    (True, True, False): "general_value", (True, False, False): "general_develop",
    (False, True, False): "general_keep", (False, False, False): "general_retain",
}  # fmt: skip


def percentile_disc(values: list, p: float) -> object:
    """Take the first value whose cumulative share reaches p."""
    ordered = sorted(values)
    return ordered[int(np.ceil(p * len(ordered) - 1e-9)) - 1]


def add_months(day: date, months: int) -> date:
    """Add calendar months; a day the month has not is its last."""
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def stage(as_of: date, last_day: date | None, joined_on: date) -> str:
    """Name the lifecycle stage."""
    since = last_day or joined_on
    for months, name in ((3, None), (6, "wake"), (9, "win_back"), (12, "dormant")):
        if as_of < add_months(since, months):
            return name or ("onboarding" if as_of < add_months(joined_on, 3) else "active")
    return "lost"


def relationship(as_of: date, days: list) -> str:
    """Name the relationship by the number of purchases."""
    if not days:
        return "prospect"
    if len(days) > 1:
        return "repeat"
    return "new" if days[0] >= as_of - timedelta(days=90) else "one_timer"


def portraits(members: pd.DataFrame, orders: pd.DataFrame, refunds: pd.DataFrame, as_of: date) -> dict[str, tuple]:
    """Compute by member_no: last_day, frequency, monetary cents, r, f, m, group, stage, relationship, super.

    Frames: members (member_no, joined_at), orders (order_no, member_no, paid_at, cents), refunds (order_no,
    refunded_at, cents); times are aware.
    """
    until = pd.Timestamp(as_of, tz=ZONE)
    first_day = as_of - timedelta(days=365)
    orders = orders[orders.paid_at < until].copy()
    back = refunds[refunds.refunded_at < until].groupby("order_no").cents.agg(["sum", "count"])
    orders = orders.join(back, on="order_no")
    orders["net"] = orders.cents - orders["sum"].fillna(0)
    orders = orders[~((orders.cents > 0) & (orders.net <= 0))]
    orders["day"] = orders.paid_at.dt.tz_convert(ZONE).dt.date
    bought = {no: list(frame.sort_values("day").day) for no, frame in orders.groupby("member_no")}
    window = orders[orders.day >= first_day].groupby("member_no").agg(frequency=("net", "size"), cents=("net", "sum"))
    listed = members[members.joined_at < until]
    inside = window.loc[window.index.intersection(listed.member_no)]
    values = {
        "r": [bought[no][-1] for no in inside.index], "f": list(inside.frequency), "m": list(inside.cents),
    }  # fmt: skip
    cuts = {k: [percentile_disc(v, p) for p in (0.2, 0.4, 0.6, 0.8)] if v else [] for k, v in values.items()}
    threshold = cuts["m"][3] if cuts["m"] else 0
    out = {}
    for no, joined_at in zip(listed.member_no, listed.joined_at, strict=True):
        days = bought.get(no, [])
        last = days[-1] if days else None
        joined_on = joined_at.tz_convert(ZONE).date()
        stands = (stage(as_of, last, joined_on), relationship(as_of, days))
        if no not in inside.index:
            out[no] = (last, 0, 0, None, None, None, "", *stands, False)
            continue
        f, cents = int(inside.frequency[no]), int(inside.cents[no])
        r, fs, m = (1 + sum(v > cut for cut in cuts[k]) for k, v in (("r", last), ("f", f), ("m", cents)))
        out[no] = (last, f, cents, r, fs, m, GROUPS[r >= 4, fs >= 4, m >= 4], *stands, f >= 3 and cents >= threshold)
    return out
