"""What a builder of conditions offers: fields, their operators, choices, narrowings, and names to choose from."""

from collections.abc import Sequence
from typing import Any

from members.queries.conditions.fields import CHOSEN, FIELDS, NAMED, NARROW_WORDS, OPERATOR_WORDS, Field
from newretail.kernel import sql

MOST_NAMES = 300  # of one kind; others are typed
NAMES = (
    f"SELECT {{column}} AS name, {{says}} AS says FROM {{table}} WHERE {{column}} <> '' ORDER BY 1 LIMIT {MOST_NAMES}"
)


def fields() -> list[dict[str, Any]]:
    """List what may be asked, in words, as JSON."""
    return [_field(field) for field in FIELDS.values()]


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name, "word": str(field.word), "group": str(field.group), "kind": field.kind,
        "operators": [[op, str(OPERATOR_WORDS[op])] for op in field.operators],
        "choices": _choices(field.choices), "named": field.named,
        "narrows": [
            {"name": word, "word": str(NARROW_WORDS[word]), "choices": _choices(CHOSEN.get(word, ()))}
            for word in field.narrows
        ],
        "needs": field.needs,
    }  # fmt: skip


def _choices(choices: Sequence[tuple[str, Any]]) -> list[list[str]]:
    return [[str(code), str(label)] for code, label in choices]


def names() -> dict[str, list[list[str]]]:
    """List names of stores, tags, products …, each with what people call it, by what they are of; one query."""
    questions = {
        kind: NAMES.format(column=named.column, says=named.says or named.column, table=named.table)
        for kind, named in NAMED.items()
    }
    return {kind: [[row["name"], row["says"]] for row in rows] for kind, rows in sql.together(questions).items()}
