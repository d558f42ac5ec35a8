"""Only verbs write: nothing outside an `actions` room saves, deletes or holds SQL that does."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import Module, product, strings

ALWAYS = {
    "save", "asave", "delete", "adelete", "bulk_create", "abulk_create", "bulk_update", "abulk_update",
    "get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create", "create_user", "create_superuser",
}  # fmt: skip
ON_A_MANAGER = {"create", "acreate", "update", "aupdate", "add", "set", "remove", "clear"}
MANAGER = {"objects", "_default_manager", "_base_manager", "filter", "exclude", "all", "get_queryset", "using"}
WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?|COPY)\s+(?:ONLY\s+)?(?!tmp_)"
    r"(?P<table>[\w.\"]+)(?P<rest>[^;]*)",
    re.IGNORECASE,
)
NEEDS = {"UPDATE": r"\bSET\b", "COPY": r"\bFROM\b"}  # without these words it is prose, a lock or an export
# Those who run what verbs hand them, and the guard that names the words it refuses.
# The last one runs in a process that knows no database: what it saves is a picture.
EXEMPT = {"newretail.kernel.staging", "newretail.kernel.guard", "newretail.kernel.files.shrinking"}


def chain(node: ast.expr) -> Iterator[str]:
    """The names an expression is reached through: `Member.objects.filter(x)` → filter, objects, Member."""
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            yield node.attr
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        yield node.id


def orm_writes(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, through = node.func.attr, set(chain(node.func.value))
            if name in ALWAYS or (name in ON_A_MANAGER and through & MANAGER):
                yield node, f".{name}()"


def sql_writes(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    for node, text in strings(tree):
        for found in WRITES.finditer(text):
            word = found[0].split()[0].upper()
            if re.search(NEEDS.get(word, ""), found["rest"], re.IGNORECASE):
                yield node, f"{word} {found['table']}"


def writes(module: Module) -> Iterator[str]:
    for find in (orm_writes, sql_writes):
        yield from (f"{module.at(node)} {what}" for node, what in find(module.tree))


def test_only_actions_write():
    outside = (m for m in product() if m.room != "actions" and m.name not in EXEMPT)
    found = [told for module in outside for told in writes(module)]
    assert not found, "move the write into a verb in `actions/` and call that:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "member.save()",
        "Member.objects.filter(pk=1).update(name='x')",
        "Member.objects.create(name='x')",
        "order.lines.all().delete()",
        "execute('INSERT INTO members_member (name) VALUES (1)')",
        "execute(f'UPDATE {table} m SET name = 1')",
        "execute('WITH gone AS (DELETE FROM members_member RETURNING 1) SELECT 1')",
        "copy_expert('COPY members_member FROM STDIN', file)",
    ],
)
def test_a_write_is_seen(line):
    tree = ast.parse(line)
    assert [*orm_writes(tree), *sql_writes(tree)]


@pytest.mark.parametrize(
    "line",
    [
        "facts.update({'a': 1})",
        "actions.create(code='acme')",
        "execute('SELECT 1 FROM members_member FOR UPDATE')",
        "execute('COPY (SELECT 1) TO STDOUT')",
        "execute('UPDATE tmp_orders SET error = 1')",
        "say('Update the page and save it.')",
    ],
)
def test_what_writes_nothing_passes(line):
    tree = ast.parse(line)
    assert not [*orm_writes(tree), *sql_writes(tree)]
