"""Gives the stores of the source a Chinese city, name and place, and staff to run them."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from newretail.demo import draws, names
from newretail.demo.words import CITIES, REGIONS, STREETS

# A store opens in a city of its own rather than beside one that fewer than this share its buyers.
NEIGHBOURS = 0.25
YEARS_OPEN = 14
# Baskets a year from which a store has three guides, and two.
LARGE, MIDDLING = 1500, 150
FEMALE_SHARE = 0.72


def stores(baskets: pd.DataFrame, *, today: date) -> pd.DataFrame:
    """List every store with sales, busiest first.

    Columns: store (its number in the source), code, name, region, city, latitude, longitude,
    opened_on, size (baskets). Stores that share buyers stand in the same city.
    """
    size = baskets["store"].value_counts(sort=False).rename("size").reset_index()
    size = size.sort_values(["size", "store"], ascending=[False, True], ignore_index=True)
    city = _cities(baskets, size["store"])
    nth = pd.Series(city).groupby(city).cumcount().tolist()
    keys = size["store"].to_numpy()
    spot = [CITIES[place] for place in city]
    oldest = pd.Timestamp(today) - pd.Timedelta(days=365 * YEARS_OPEN)
    opened = oldest + pd.to_timedelta(draws.whole(keys, "opened", 365 * (YEARS_OPEN - 3)), "D")
    return size.assign(
        code=[f"{at.code}{n + 1:02d}" for at, n in zip(spot, nth, strict=True)],
        name=[f"{at.name}·{_street(at.streets, n)}店" for at, n in zip(spot, nth, strict=True)],
        region=[at.region for at in spot],
        city=[at.name for at in spot],
        latitude=np.round([at.latitude for at in spot] + _scatter(keys, "latitude"), 5),
        longitude=np.round([at.longitude for at in spot] + _scatter(keys, "longitude"), 5),
        opened_on=opened.strftime("%Y-%m-%d"),
    )


def _scatter(keys: npt.NDArray[np.int64], name: str) -> npt.NDArray[np.float64]:
    """Scatter the stores around the centre, about a dozen kilometres, denser inside."""
    return (draws.unit(keys, name) + draws.unit(keys, name + "2") - 1) * 0.12


def _street(streets: str, nth: int) -> str:
    """Name the nth store of a city: its own streets first, then those every city has."""
    listed = [*streets.split(), *(street for street in STREETS if street not in streets)]
    turn, place = divmod(nth, len(listed))
    return listed[place] + (f"{turn + 1}号" if turn else "")


def _shares(count: int) -> npt.NDArray[np.int64]:
    """Split the number of stores over the cities by weight (largest remainder, one each first)."""
    weights = np.array([city.weight for city in CITIES], float)
    exact = weights / weights.sum() * count
    seats = np.floor(exact).astype(np.int64)
    for place in np.argsort(seats - exact, kind="stable")[: count - int(seats.sum())]:
        seats[place] += 1
    return seats


def _cities(baskets: pd.DataFrame, stores_by_size: pd.Series) -> npt.NDArray[np.int64]:
    """Place the stores, busiest first, in the city whose stores share most of their buyers.

    A city takes no more stores, and no more baskets, than its weight.
    """
    counts = baskets.groupby(["store", "household"]).size().unstack(fill_value=0)
    visits = counts.loc[stores_by_size].to_numpy().astype(np.float64)
    shared = visits @ (visits > 0).T.astype(np.float64)
    size = visits.sum(axis=1)
    free = _shares(len(visits))
    room = free / free.sum() * size.sum()
    chosen = np.zeros(len(visits), dtype=np.int64)
    bond = np.zeros((len(visits), len(CITIES)))
    opened = np.zeros(len(CITIES), dtype=bool)
    for store in range(len(visits)):
        open_to = (free > 0) & (room > 0) if ((free > 0) & (room > 0)).any() else free > 0
        ties = np.where(open_to, bond[store], -1.0)
        best, fresh = int(ties.argmax()), np.flatnonzero(open_to & ~opened)
        if len(fresh) and ties[best] < NEIGHBOURS * size[store]:
            best = int(fresh[0])
        elif ties[best] <= 0:
            best = int(np.where(open_to, room, -np.inf).argmax())
        chosen[store], opened[best] = best, True
        free[best] -= 1
        room[best] -= size[store]
        bond[:, best] += shared[:, store]
    return chosen


def staff(shops: pd.DataFrame, *, today: date) -> pd.DataFrame:
    """List one supervisor per region, and per store a manager and one to three guides.

    Columns: staff_no, name, store_code (`region:华东` for a supervisor), role, phone, joined_on,
    store (0 for supervisors).
    """
    guides = np.select([shops["size"] >= LARGE, shops["size"] >= MIDDLING], [3, 2], 1)
    regions = [name for name in REGIONS if name in set(shops["region"])]
    heads = pd.DataFrame({"role": "supervisor", "store": 0, "store_code": regions})
    heads["store_code"] = "region:" + heads["store_code"]
    managers = shops[["store", "code"]].assign(role="manager")
    many = shops[["store", "code"]].loc[shops.index.repeat(guides)].assign(role="guide")
    crew = pd.concat([managers, many]).rename(columns={"code": "store_code"})
    people = pd.concat([heads, crew], ignore_index=True)
    letters = people["role"].map({"supervisor": "S", "manager": "M", "guide": "G"})
    width = people["role"].map({"supervisor": 2, "manager": 4, "guide": 4})
    order = people.groupby("role").cumcount() + 1
    keys = people.index.to_numpy()
    hired = pd.Timestamp(today - timedelta(days=800))
    since = pd.to_timedelta(draws.whole(keys, "staff.joined", 280), "D")
    return people.assign(
        staff_no=[f"{a}{n:0{w}d}" for a, n, w in zip(letters, order, width, strict=True)],
        name=names.spoken(keys, draws.unit(keys, "staff.gender") < FEMALE_SHARE, "staff"),
        phone=names.phones(len(people), names.STAFF_PHONES),
        joined_on=(hired - since).strftime("%Y-%m-%d"),
    )
