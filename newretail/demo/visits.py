"""Who bought what when: the real year's baskets, and what is derived from them.

A frame of visits has order_no, source, key (of its own draws), member (key of the member), store
(number in the source), at (local time) and cents.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from newretail.demo import draws
from newretail.demo.labels import DERIVED, REAL
from newretail.demo.source import DAYS, Year

COLUMNS = ["order_no", "source", "key", "member", "store", "at", "cents"]

# Keys of derived members start above every household number.
LAPSED_KEYS = 100_000
PROSPECT_KEYS = 200_000
NEWCOMER_KEYS = 300_000

# Of the households already there when the real year begins: how many were members before the
# derived year, how many came during it; the rest joins in the real year's first month.
SETTLED_DAYS = 28
THERE_BEFORE = 0.79
CAME_MEANWHILE = 0.17
# Of those who turn up later in the real year: how many had been there before, and lapsed.
LATE_BEFORE = 0.3
LATE_CAME = 0.4
PAUSED = 0.2
# Of the lapsed: bought once only. Of the newcomers: bought a second time.
SINGLE = 0.3
TWICE = 0.45
USUAL_BASKETS = (4, 150)


@dataclass(frozen=True)
class Cohort:
    """Members with their purchases. `people`: key, household, joined_at, home (store number)."""

    people: pd.DataFrame
    visits: pd.DataFrame


def real(year: Year) -> pd.DataFrame:
    """Turn the real baskets into visits."""
    baskets = year.baskets
    return pd.DataFrame(
        {
            "order_no": baskets["basket"].astype(str),
            "source": REAL,
            "key": baskets["basket"],
            "member": baskets["household"],
            "store": baskets["store"],
            "at": baskets["at"],
            "cents": baskets["cents"],
        }
    )


def households(year: Year) -> Cohort:
    """Derive the year before for the real households, and say when each of them joined."""
    baskets = year.baskets
    start = pd.Timestamp(year.first_day) - pd.Timedelta(days=DAYS)
    habits = _habits(baskets, pd.Timestamp(year.first_day))
    own = habits.loc[baskets["household"]].reset_index(drop=True)
    at = baskets["at"] - pd.Timedelta(days=DAYS)
    day = (at - start).dt.days
    # Thinned less and less, so that the derived year leads up to the real one.
    keep = own["keep"] + (1 - own["keep"]) * day / DAYS
    kept = (
        (day >= own["since"])
        & (day < own["until"])
        & (day < DAYS)
        & ~((day >= own["pause"]) & (day < own["resume"]))
        & (draws.unit(baskets["basket"], "kept") < keep)
    )
    earlier = real(year).assign(at=at, source=DERIVED)[kept]
    earlier["order_no"] = "D" + earlier["order_no"]
    earlier["cents"] = _priced(earlier)
    both = pd.concat([earlier, real(year)])
    people = _people(habits.index.to_numpy(), both, homes(baskets))
    keys = people["key"].to_numpy()
    before = start - pd.to_timedelta(draws.between(keys, "before", 1, 900), "D") + _daytime(keys)
    people["joined_at"] = people["joined_at"].where(~habits["before"].to_numpy(), before)
    return Cohort(people, earlier)


def _habits(baskets: pd.DataFrame, first_day: pd.Timestamp) -> pd.DataFrame:
    """Draw for each household how it lived through the derived year, in days from its start.

    Columns: before (joined earlier), since, until, pause, resume, keep (share kept at its start).
    """
    first = (baskets.groupby("household")["at"].min() - first_day).dt.days
    keys = first.index.to_numpy()
    settled = (first < SETTLED_DAYS).to_numpy()
    fate = draws.unit(keys, "fate")
    before = fate < np.where(settled, THERE_BEFORE, LATE_BEFORE)
    came = ~before & (fate < np.where(settled, THERE_BEFORE + CAME_MEANWHILE, LATE_BEFORE + LATE_CAME))
    pauses = draws.unit(keys, "pauses") < PAUSED
    pause = np.where(pauses, draws.between(keys, "pause", 20, 190), DAYS)
    late = np.where(settled, 335, 200)
    since = np.where(before, 0, np.where(came, draws.whole(keys, "since", late), DAYS))
    until = np.where(settled, DAYS, since + draws.between(keys, "until", 40, 160))
    return pd.DataFrame(
        {
            "before": before,
            "since": since,
            "until": until,
            "pause": pause,
            "resume": pause + draws.between(keys, "resume", 95, 165),
            "keep": 0.5 + 0.5 * draws.unit(keys, "keep"),
        },
        index=first.index,
    )


def lapsed(year: Year, *, today: date, count: int) -> Cohort:
    """Derive members whose purchases ended between 20 and 3 months ago, evenly spread."""
    keys = LAPSED_KEYS + np.arange(1, count + 1)
    now = pd.Timestamp(today)
    oldest, newest = now - pd.DateOffset(months=20), now - pd.DateOffset(months=3)
    ends = oldest + draws.ranks(keys, "end") * (newest - oldest)
    single = draws.unit(keys, "single") < SINGLE
    tenure = 15 - 190 * np.log1p(-draws.unit(keys, "tenure"))
    born = ends - pd.to_timedelta(np.where(single, 0, np.minimum(tenure, 900)).round(), "D")
    lives = pd.DataFrame({"key": keys, "household": _models(year, keys), "end": ends, "born": born})
    rows = lives.merge(year.baskets, on="household")
    rows = rows.sort_values(["key", "at", "basket"], ignore_index=True)
    last = rows.groupby("key")["at"].transform("last")
    rows["at"] = (rows["end"].dt.normalize() + (rows["at"] - last.dt.normalize())).astype("M8[s]")
    final = ~rows["key"].duplicated(keep="last")
    rate = 0.35 + 0.6 * draws.unit(rows["key"], "keep")
    kept = draws.unit(draws.pair(rows["basket"], rows["key"]), "kept") < rate
    start = pd.Timestamp(year.first_day) - pd.Timedelta(days=DAYS)
    rows = rows[final | (kept & (rows["at"] >= rows["born"]) & (rows["at"] >= start))]
    visits = _cloned(rows)
    people = _people(keys, visits, homes(year.baskets), lives["household"].to_numpy())
    early = born + _daytime(keys)
    people["joined_at"] = people["joined_at"].where(born >= start, early)
    return Cohort(people, visits)


def newcomers(year: Year, *, today: date, count: int) -> Cohort:
    """Derive members who joined within the last three months, with one or two orders."""
    keys = NEWCOMER_KEYS + np.arange(1, count + 1)
    oldest = pd.Timestamp(today) - pd.DateOffset(months=3) + pd.Timedelta(days=1)
    last = pd.Timestamp(year.last_day)
    days = np.floor(draws.ranks(keys, "first") * ((last - oldest).days + 1)).astype(np.int64)
    first = oldest + pd.to_timedelta(days, "D")
    again = first + pd.to_timedelta(draws.between(keys, "second", 9, 45), "D")
    model = _models(year, keys)
    baskets = year.baskets.groupby("household")
    opening = baskets.first().loc[model]
    second = baskets.nth(1).set_index("household").loc[model]
    parts = []
    for day, rows in ((first, opening), (again, second)):
        clock = rows["at"].to_numpy() - rows["at"].dt.normalize().to_numpy()
        parts.append(rows.assign(key=keys, at=(day + clock).astype("M8[s]")))
    twice = (draws.unit(keys, "twice") < TWICE) & (again <= last)
    visits = _cloned(pd.concat([parts[0], parts[1][twice]]).sort_values(["key", "at"]))
    return Cohort(_people(keys, visits, homes(year.baskets), model), visits)


def prospects(year: Year, *, today: date, count: int) -> Cohort:
    """Derive members who never bought, joined over the last 14 months, more of them lately."""
    keys = PROSPECT_KEYS + np.arange(1, count + 1)
    ago = np.floor(425 * draws.ranks(keys, "joined") ** 1.7).astype(np.int64) + 1
    joined = pd.Timestamp(today) - pd.to_timedelta(ago, "D") + _daytime(keys)
    model = _models(year, keys)
    people = pd.DataFrame({"key": keys, "household": model, "joined_at": joined.astype("M8[s]")})
    people["home"] = homes(year.baskets).loc[model].to_numpy()
    return Cohort(people, pd.DataFrame(columns=COLUMNS))


def homes(baskets: pd.DataFrame) -> pd.Series:
    """Tell each household's most visited store (the lowest number among equals)."""
    counts = baskets.groupby(["household", "store"]).size().rename("n").reset_index()
    counts = counts.sort_values(["household", "n", "store"], ascending=[True, False, True])
    return counts.drop_duplicates("household").set_index("household")["store"]


def _models(year: Year, keys: np.ndarray) -> np.ndarray:
    """Choose a household with a few baskets for each derived member to live like."""
    sizes = year.baskets["household"].value_counts().sort_index()
    usual = sizes.index[sizes.between(*USUAL_BASKETS)].to_numpy()
    return usual[draws.whole(keys, "model", len(usual))]


def _cloned(rows: pd.DataFrame) -> pd.DataFrame:
    """Turn borrowed baskets, ordered by key and time, into visits of the derived members."""
    rows = rows.sort_values(["key", "at", "basket"], kind="stable").reset_index(drop=True)
    number = rows.groupby("key").cumcount() + 1
    visits = rows.assign(
        order_no=[f"C{key}-{n:03d}" for key, n in zip(rows["key"], number, strict=True)],
        source=DERIVED,
        member=rows["key"],
        key=rows["key"] * 1000 + number,
    )
    return visits.assign(cents=_priced(visits))[COLUMNS]


def _priced(visits: pd.DataFrame) -> pd.Series:
    """Vary the amounts a little, so that the derived year is no mirror of the real one."""
    factor = 0.88 + 0.2 * draws.unit(visits["key"], "price")
    return (visits["cents"] * factor).round().astype("int64")


def _people(keys: np.ndarray, visits: pd.DataFrame, home: pd.Series, model: np.ndarray | None = None) -> pd.DataFrame:
    """List members who joined a few minutes before their first visit."""
    model = keys if model is None else model
    first = visits.groupby("member")["at"].min().loc[keys].to_numpy()
    minutes = draws.between(keys, "joined.minutes", 1, 15) * 60
    joined = np.maximum(first - minutes.astype("m8[s]"), first.astype("M8[D]"))
    return pd.DataFrame({"key": keys, "household": model, "joined_at": joined, "home": home.loc[model].to_numpy()})


def _daytime(keys: np.ndarray) -> pd.TimedeltaIndex:
    """Draw a time of day while the stores are open, 9:30 to 21:30."""
    return pd.to_timedelta(draws.between(keys, "daytime", 34_200, 77_400), "s")
