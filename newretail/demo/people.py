"""Gives the members of the demo a name, a telephone, a birthday, a source and tags."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from newretail.demo import draws, names, words

SOURCES = {
    "till_qr": 0.33,
    "entrance_qr": 0.14,
    "tasting_qr": 0.08,
    "e_receipt": 0.16,
    "parcel_card": 0.08,
    "referral": 0.10,
    "order_page": 0.07,
    "ad": 0.04,
}
AGE_BANDS = {
    "19-24": (19, 25),
    "25-34": (25, 35),
    "35-44": (35, 45),
    "45-54": (45, 55),
    "55-64": (55, 65),
    "65+": (65, 82),
}
ANY_AGE = (20, 68)
FEMALE_SHARE = 0.62
GENDER_UNKNOWN = 0.03
BIRTHDAY_UNKNOWN = 0.06
LUNAR_SHARE = 0.2
LEAP_DAYS = 2


def members(base: pd.DataFrame, demographics: pd.DataFrame, *, today: date) -> pd.DataFrame:
    """Complete the members; `base` has key, member_no, household, joined_at, store_code."""
    keys = base["key"].to_numpy()
    female = draws.unit(keys, "gender") < FEMALE_SHARE
    known = draws.unit(keys, "gender.known") >= GENDER_UNKNOWN
    facts = demographics.reindex(base["household"])
    birthdays, calendars = _birthdays(keys, facts["age"], today)
    return base.assign(
        name=names.spoken(keys, female, "member"),
        phone=names.phones(len(base), names.MEMBER_PHONES),
        gender=np.where(known, np.where(female, "female", "male"), ""),
        birthday=birthdays,
        birthday_calendar=calendars,
        source=draws.pick(keys, "source", list(SOURCES), list(SOURCES.values())),
        tags=_tags(facts),
    )


def _birthdays(
    keys: npt.NDArray[np.int64], ages: pd.Series, today: date
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Draw a birthday that fits the age band, one in five by the lunar calendar.

    Lunar days stop at 28, which every lunar month has. Two solar ones fall on 29 February.
    """
    bands = [AGE_BANDS.get(age, ANY_AGE) for age in ages]
    low, high = np.array(bands, dtype=np.int64).reshape(-1, 2).T
    years = today.year - draws.between(keys, "age", low, high)
    lunar = draws.unit(keys, "lunar") < LUNAR_SHARE
    starts = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    solar = (starts + draws.whole(keys, "day", 365)).astype(str)
    leap = np.flatnonzero((years % 4 == 0) & ~lunar)
    leap = leap[np.argsort(draws.unit(keys[leap], "leap"), kind="stable")][:LEAP_DAYS]
    solar[leap] = np.char.add(years[leap].astype(str), "-02-29")
    months = draws.whole(keys, "lunar.month", 12) + 1
    days = draws.whole(keys, "lunar.day", 28) + 1
    moons = [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(years, months, days, strict=True)]
    known = draws.unit(keys, "birthday.known") >= BIRTHDAY_UNKNOWN
    known[leap] = True
    birthdays = np.where(known, np.where(lunar, moons, solar), "")
    calendars = np.where(known, np.where(lunar, "lunar", "solar"), "")
    return birthdays, calendars


def _tags(facts: pd.DataFrame) -> list[str]:
    """Join what is known of a household into tags: 年龄35-44;收入50-74K;有孩家庭."""
    columns = (
        facts["age"].map(words.AGES),
        facts["income"].map(words.income, na_action="ignore"),
        facts["household_comp"].map(words.FAMILIES),
        facts["marital_status"].map(words.MARRIAGES),
        facts["home_ownership"].map(words.HOMES),
    )
    return [";".join(tag for tag in row if isinstance(tag, str)) for row in zip(*columns, strict=True)]
