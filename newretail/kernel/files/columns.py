"""Columns read all at once: text in, values and the rows that are wrong out (Arrow arrays)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newretail.kernel.files import identities, phones, pinyin
from newretail.kernel.files.sheets import Column

EARLIEST, LATEST = 1900, 2099  # years of trade
LENGTHS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
INVISIBLE = r"[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?:Z|z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?)?$"
)
MANGLED = r"^[0-9](?:\.[0-9]+)?E\+[0-9]{2}$"  # a long number as a spreadsheet writes it
SERIAL = r"^[1-7][0-9]{4}(?:\.[0-9]+)?$"  # a day as a spreadsheet counts it
Values: TypeAlias = Any  # pa.Array | pa.ChunkedArray; Arrow ships no types


@dataclass
class Read:
    """A column read: one or more arrays of values, and masks of wrong rows by reason."""

    values: list[Values]
    wrong: list[tuple[Values, str]] = field(default_factory=list)


def blank_to_null(values: Values) -> Values:
    """Trim blanks (full-width ones too); a cell with nothing left is null."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _fold(values: Values) -> Values:
    """Fold full-width letters and drop what cannot be seen, so that one key has one spelling."""
    folded = pc.utf8_normalize(values, form="NFKC")
    if pc.any(pc.match_substring_regex(folded, INVISIBLE)).as_py():
        folded = pc.replace_substring_regex(folded, INVISIBLE, "")
    return blank_to_null(folded)


def _too_long(values: Values, limit: int) -> tuple[Values, str]:
    return pc.greater(pc.utf8_length(values), limit), "too_long"


def read_key(values: Values, column: Column) -> Read:
    """Read a number or code."""
    folded = _fold(values)
    unprintable = pc.match_substring_regex(folded, r"[[:cntrl:]]")
    mangled = pc.match_substring_regex(folded, MANGLED)
    return Read([folded], [_too_long(folded, column.limit), (unprintable, "unprintable"), (mangled, "number_mangled")])


def read_text(values: Values, column: Column) -> Read:
    """Read free text."""
    return Read([values], [_too_long(values, column.limit)])


def read_name(values: Values, column: Column) -> Read:
    """Read a person's name and its pinyin."""
    spelled = pa.array([None if v is None else pinyin.key(v) for v in values.to_pylist()], pa.string())
    return Read([values, spelled], [_too_long(values, column.limit)])


def read_money(values: Values, _column: Column) -> Read:
    """Read yuan with at most two decimals into cents; negative, signed, grouped or foreign digits are wrong."""
    good = pc.match_substring_regex(values, r"^[0-9]{1,12}(\.[0-9]{1,2})?$")
    negative = pc.match_substring_regex(values, r"^[-−(（]")
    fine = pc.match_substring_regex(values, r"^[0-9]{1,12}\.[0-9]{3,}$")
    other = pc.and_(pc.invert(good), pc.invert(pc.or_(negative, fine)))
    amounts = pc.cast(pc.if_else(good, values, pa.scalar(None, pa.string())), pa.float64())
    # At most 14 digits with two decimals: a float holds them exactly enough to round to the cent.
    cents = pc.cast(pc.round(pc.multiply(amounts, 100.0)), pa.int64())
    return Read([cents], [(negative, "negative"), (fine, "too_many_decimals"), (other, "not_money")])


def read_integer(values: Values, _column: Column) -> Read:
    """Read a whole number ≥ 0."""
    good = pc.match_substring_regex(values, r"^[0-9]{1,9}(\.0+)?$")
    negative = pc.match_substring_regex(values, r"^[-−]")
    plain = pc.if_else(good, values, pa.scalar(None, pa.string()))
    whole = pc.cast(pc.cast(plain, pa.float64()), pa.int64())
    return Read([whole], [(negative, "negative"), (pc.and_not(pc.invert(good), negative), "not_whole")])


def read_float(values: Values, _column: Column) -> Read:
    """Read a plain decimal number."""
    good = pc.match_substring_regex(values, r"^-?[0-9]{1,4}(\.[0-9]{1,12})?$")
    number = pc.cast(pc.if_else(good, values, pa.scalar(None, pa.string())), pa.float64())
    return Read([number], [(pc.invert(good), "not_number")])


def read_phone(values: Values, _column: Column) -> Read:
    """Read a phone number in any spelling into E.164."""
    plain = pc.match_substring_regex(values, r"^1[3-9][0-9]{9}$")
    out = pc.binary_join_element_wise("+86", values, "")
    odd = pc.fill_null(pc.invert(plain), False)
    if pc.any(odd).as_py():
        read = [
            phones.normalise(v) if is_odd else o
            for v, o, is_odd in zip(values.to_pylist(), out.to_pylist(), odd.to_pylist(), strict=True)
        ]
        out = pa.array(read, pa.string())
    wrong = pc.and_(pc.is_valid(values), pc.is_null(out))
    mangled = pc.match_substring_regex(values, r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$")
    mangled = pc.and_(wrong, pc.fill_null(mangled, False))
    return Read([out], [(mangled, "phone_mangled"), (pc.and_not(wrong, mangled), "not_phone")])


def read_identity(values: Values, column: Column) -> Read:
    """Read an identity in any spelling into its one; the column says of which kind it is."""
    kind = identities.KINDS[column.name]
    read = [v if v is None else identities.normalise(kind, v) for v in values.to_pylist()]
    out = pa.array(read, pa.string())
    mangled = pc.match_substring_regex(values, MANGLED)
    return Read([out], [(mangled, "number_mangled"), (pc.and_(pc.is_valid(values), pc.is_null(out)), "not_identity")])


def _part(values: Values, start: int, stop: int) -> Any:
    return pc.cast(pc.utf8_slice_codeunits(values, start, stop), pa.int32()).to_numpy(zero_copy_only=False)


def _out_of_range(values: Values, shape: Values) -> tuple[Values, Values]:
    """Split well-shaped days into (no such day, beyond all years of trade)."""
    shaped = np.asarray(pc.fill_null(shape, False))
    days = pc.if_else(pa.array(shaped), values, "2000-01-01")
    year, month, day = _part(days, 0, 4), _part(days, 5, 7), _part(days, 8, 10)
    named = (month >= 1) & (month <= 12)
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    there = named & (day >= 1) & (day <= LENGTHS[np.where(named, month, 0)] + leap)
    return pa.array(shaped & ~there), pa.array(shaped & there & ((year < EARLIEST) | (year > LATEST)))


def read_date(values: Values, _column: Column) -> Read:
    """Read an ISO day."""
    shape = pc.match_substring_regex(values, DATE)
    none, far = _out_of_range(values, shape)
    serial = pc.match_substring_regex(values, SERIAL)
    other = pc.and_not(pc.invert(shape), serial)
    return Read([values], [(serial, "day_serial"), (other, "not_date"), (none, "no_such_day"), (far, "day_far_off")])


def _days(text: str | None) -> tuple[str | None, bool]:
    """Read days apart by blanks, commas or semicolons into an array of the database; a dash alone means none."""
    if text is None:
        return None, False
    parts = [part for part in re.split(r"[\s,，;；、]+", text.strip("-")) if part]
    try:
        return "{" + ",".join(sorted(date.fromisoformat(part).isoformat() for part in parts)) + "}", False
    except ValueError:
        return None, True


def read_days(values: Values, column: Column) -> Read:
    """Read a list of ISO days."""
    read = [_days(text) for text in values.to_pylist()]
    days = pa.array([each for each, _wrong in read], pa.string())
    return Read([days], [(pa.array([wrong for _each, wrong in read]), "not_days"), _too_long(values, column.limit)])


def read_moment(values: Values, _column: Column) -> Read:
    """Read an ISO 8601 instant; without an offset the database reads it in the brand's zone."""
    shape = pc.match_substring_regex(values, MOMENT)
    none, far = _out_of_range(values, shape)
    clean = pc.replace_substring(values, ",", ".")
    serial = pc.match_substring_regex(values, SERIAL)
    other = pc.and_not(pc.invert(shape), serial)
    return Read([clean], [(serial, "day_serial"), (other, "not_moment"), (none, "no_such_day"), (far, "day_far_off")])


def _birthday(text: str | None) -> tuple[int | None, int | None, int | None]:
    if text is None:
        return None, None, None
    parts = [int(part) for part in text.split("-")]
    return (None, parts[0], parts[1]) if len(parts) == 2 else (parts[0], parts[1], parts[2])


def read_birthday(values: Values, _column: Column) -> Read:
    """Read YYYY-MM-DD, or MM-DD when the year is unknown; a lunar 30th of the second month exists."""
    shape = pc.match_substring_regex(values, r"^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    shaped = pc.if_else(shape, values, pa.scalar(None, pa.string()))
    parts = [_birthday(text) for text in shaped.to_pylist()]
    years = [part[0] for part in parts]
    far = pa.array([year is not None and not 1900 <= year <= datetime.now(tz=UTC).year + 1 for year in years])
    arrays = [pa.array([part[i] for part in parts], pa.int16()) for i in range(3)]
    serial = pc.match_substring_regex(values, SERIAL)
    other = pc.and_not(pc.invert(shape), serial)
    return Read(list(arrays), [(serial, "day_serial"), (other, "not_birthday"), (far, "birthday_far_off")])


def read_choice(values: Values, column: Column) -> Read:
    """Read one of a few words, in either language."""
    lowered = pc.utf8_lower(_fold(values))
    known = pa.array(list(column.choices))
    codes = pa.array(list(column.choices.values()))
    where = pc.index_in(lowered, known)
    unknown = pc.and_(pc.is_valid(values), pc.is_null(where))
    return Read([codes.take(where)], [(unknown, "not_a_choice")])


READERS: dict[str, Callable[[Values, Column], Read]] = {
    "key": read_key,
    "text": read_text,
    "name": read_name,
    "money": read_money,
    "integer": read_integer,
    "float": read_float,
    "phone": read_phone,
    "identity": read_identity,
    "date": read_date,
    "days": read_days,
    "moment": read_moment,
    "birthday": read_birthday,
    "choice": read_choice,
}


def read(values: Values, column: Column) -> Read:
    """Read one column: blanks first, then its type, then whether it had to be there."""
    if values.null_count == len(values) and not column.default:
        nothing = [pa.nulls(len(values), pa.string()) for _ in column.output]
        return Read(nothing, [(pc.is_null(values), "missing")] if column.required else [])
    cells = blank_to_null(values)
    if column.default:
        cells = pc.fill_null(cells, column.default)
    result = READERS[column.type](cells, column)
    result.wrong = [(pc.fill_null(mask, False), code) for mask, code in result.wrong]
    if column.required:
        result.wrong.append((pc.is_null(cells), "missing"))
    return result
