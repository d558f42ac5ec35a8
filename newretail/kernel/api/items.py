"""Items of a request: the columns of a file's kind as JSON, read strictly and checked by the same readers."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_noop
from rest_framework import serializers

from newretail.kernel.api import problems
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.api.strict import Number
from newretail.kernel.files import phones
from newretail.kernel.files.outcome import RowRefusal
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.rows import batch_of
from newretail.kernel.files.sheets import Column, Sheet

MOST = 1_000
STATES = ("created", "updated", "unchanged", "parked", "refused")
OFFSET = re.compile(r".*[T ].*(?:Z|z|[+-][0-9]{2}:?[0-9]{2})", re.ASCII)
FREE = frozenset({"text", "name"})
NUMBERS = frozenset({"integer", "float"})
EITHER = frozenset({"money"})
Item = Mapping[str, Any]
Wrong = tuple[str, str]
NOTHING: Mapping[int, Wrong] = {}
REFUSED = gettext_noop("This was refused: see errors.")
TOO_MANY = gettext_noop("A batch holds between 1 and 1 000 items.")


def folded(text: str) -> str:
    """Write a name as it is kept: without full-width or invisible characters."""
    return phones.INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def _wrong_value(column: Column, value: Any) -> str:
    """Tell what is wrong with a value before it is read; empty where nothing is."""
    if isinstance(value, Number):
        return "" if column.type in NUMBERS | EITHER else "not_text"
    if not isinstance(value, str):
        return "not_number" if column.type in NUMBERS else "not_text"
    if column.type in NUMBERS:
        return "not_number"
    if column.type not in FREE and value != value.strip():
        return "blanks_around"
    if column.type == "moment" and value and not OFFSET.fullmatch(value):
        return "no_offset"
    return ""


def wrong_shape(sheet: Sheet, item: Any, beside: frozenset[str] = frozenset()) -> Wrong | None:
    """Tell what is wrong with an item before its values are read: (name, code); None where nothing is."""
    if not isinstance(item, dict):
        return "", "not_an_item"
    names = {column.name for column in sheet.columns}
    unknown = sorted(set(item) - names - beside)
    if unknown:
        return unknown[0][:64], "unknown_field"
    for column in sheet.columns:
        value = item.get(column.name)
        code = _wrong_value(column, value) if value is not None else ""
        if not code and column.name in sheet.key and value is not None and folded(str(value)) != str(value):
            code = "not_plain"
        if code:
            return column.name, code
    return None


def batch(
    sheet: Sheet, items: Sequence[Any], beside: frozenset[str] = frozenset(), known: Mapping[int, Wrong] = NOTHING
) -> Batch:
    """Make a batch of JSON objects; names in `beside` belong to the door, any other unknown name is refused.

    `known` names the lines the door has found wrong.
    """
    wrong = {line: found for line, item in enumerate(items, 1) if (found := wrong_shape(sheet, item, beside))}
    wrong |= known
    rows = [{} if line in wrong else item for line, item in enumerate(items, 1)]
    return batch_of(sheet, rows, wrong)


# How a type of column is described to those who send it.
FIELDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "money": (serializers.DecimalField, {"max_digits": 14, "decimal_places": 2, "min_value": 0}),
    "integer": (serializers.IntegerField, {"min_value": 0, "max_value": 999_999_999}),
    "float": (serializers.FloatField, {}),
    "moment": (serializers.DateTimeField, {}),
    "date": (serializers.DateField, {}),
    "choice": (serializers.ChoiceField, {}),
}


def _field(column: Column) -> serializers.Field[Any, Any, Any, Any]:
    given: dict[str, Any] = {
        "required": column.required and not column.default,
        "allow_null": not column.required,
        "help_text": f"{column.zh} · {column.name.replace('_', ' ')}",
    }
    made, more = FIELDS.get(column.type, (serializers.CharField, {"max_length": column.limit}))
    if column.type == "choice":
        more = {"choices": sorted(set(column.choices.values()))}
    return made(**more, **given)


def serializer(
    sheet: Sheet, name: str, *, without: Sequence[str] = (), **more: Any
) -> type[serializers.Serializer[Any]]:
    """Describe an item of this kind for the schema; `more` are fields beside the columns, `without` are left out."""
    fields = {column.name: _field(column) for column in sheet.columns if column.name not in without}
    return type(name, (serializers.Serializer,), {**fields, **more, "__doc__": "An item of a request."})


def listed(body: Mapping[str, Any], name: str) -> list[Any]:
    """Give the items of a batch: the one list of its body.

    Raises Problem: unknown_field, bad_batch.
    """
    unknown = sorted(set(body) - {name})
    if unknown:
        raise Problem(400, "unknown_field", faults=[Fault("unknown_field", unknown[0][:64])])
    given = body.get(name)
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise Problem(400, "bad_batch", TOO_MANY, faults=[Fault("bad_batch", name, sentence=TOO_MANY)])
    return given


def texts(body: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Read a body of texts alone, none of them needed.

    Raises Problem: refused (unknown_field, not_text).
    """
    for name, value in body.items():
        code = "unknown_field" if name not in names else "not_text" if not is_text(value) else ""
        if code:
            raise Problem(422, "refused", REFUSED, faults=[Fault(code, name[:64])])
    return {name: value for name, value in body.items() if value is not None}


def is_text(value: Any) -> bool:
    """Tell whether a value is a text, or null."""
    return value is None or (isinstance(value, str) and not isinstance(value, Number))


def by_row(refusals: Sequence[RowRefusal]) -> dict[int, list[RowRefusal]]:
    """Sort refusals by the item they are of."""
    found: dict[int, list[RowRefusal]] = {}
    for each in refusals:
        found.setdefault(each.line, []).append(each)
    return found


def results(count: int, fates: Mapping[int, str], refusals: Mapping[int, Sequence[RowRefusal]]) -> dict[str, Any]:
    """Write what became of each item, in their order, and how many met each fate."""
    told: list[dict[str, Any]] = []
    for row in range(1, count + 1):
        refused = refusals.get(row)
        state = "refused" if refused else fates.get(row, "unchanged")
        errors = [fault.shown() for fault in problems.of_refusals(refused or (), rows=False)]
        told.append({"row": row, "state": state, **({"errors": errors} if errors else {})})
    counts = {name: sum(1 for each in told if each["state"] == name) for name in STATES}
    return {**counts, "results": told}
