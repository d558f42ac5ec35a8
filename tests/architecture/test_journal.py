"""The journal is documented both ways: what code writes and hears stands in docs/journal.md, and nothing else."""

import ast
import re
from collections.abc import Iterator

from newretail.kernel.registry import TABLES, TELLER
from tests.architecture.tree import LINE_NAME, ROOT, Module, actions, lines_written, product, strings

PAGE = "docs/journal.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \|(.*)$", re.MULTILINE)
HANDLER = re.compile(r"`([a-z_.]+\.handlers\.[a-z_.]+)`")


def documented() -> dict[str, str]:
    """Each line's name with the rest of its row in the page."""
    return dict(ROW.findall((ROOT / PAGE).read_text(encoding="utf-8")))


def told() -> set[str]:
    """Every line that a docstring of an `actions` room states."""
    return {name for module in actions() for function in module.functions for name in lines_written(function)}


def names_in_code() -> Iterator[tuple[Module, ast.expr, str]]:
    """Give every string of an `actions` room that has the form of a line's name."""
    for module in actions():
        for node, text in strings(module.tree):
            if LINE_NAME.fullmatch(text):
                yield module, node, text


def pieced_names() -> Iterator[str]:
    """Give the calls of `journal.write` whose name is put together by an f-string."""
    for module in product():
        for node in ast.walk(module.tree):
            func = getattr(node, "func", None)
            writes = isinstance(func, ast.Attribute) and func.attr == "write"
            if writes and getattr(func.value, "id", "") == "journal" and isinstance(node.args[0], ast.JoinedStr):
                yield module.at(node)


def handlers() -> Iterator[tuple[str, set[str]]]:
    """Each handler's full name with the lines it hears, as it entered itself."""
    ours = {f"{module.name}.{function.name}" for module in product() for function in module.functions}
    for name in TABLES.handlers.keys() & ours - {TELLER}:
        yield name, {line for line, names in TABLES.hears.items() if name in names}


def test_every_line_that_is_written_is_documented():
    missing = sorted(told() - documented().keys())
    assert not missing, f"give each a row in {PAGE}:\n" + "\n".join(missing)


def test_every_documented_line_is_written():
    stale = sorted(documented().keys() - told())
    assert not stale, f"no docstring says `Writes:` of these; remove them from {PAGE}:\n" + "\n".join(stale)


def test_a_line_is_named_whole():
    found = list(pieced_names())
    assert not found, "write the whole name floor.noun.past_participle, so that it can be found:\n" + "\n".join(found)


def test_every_line_named_in_code_is_told_by_a_docstring():
    known = told()
    silent = [f"{module.at(node)} {text}" for module, node, text in names_in_code() if text not in known]
    assert not silent, "say it under `Writes:` in the verb's docstring:\n" + "\n".join(silent)


def test_every_line_that_a_docstring_tells_is_named_in_code():
    idle = sorted(told() - {text for _, _, text in names_in_code()})
    assert not idle, "nothing writes these; correct the docstring:\n" + "\n".join(idle)


def test_a_line_begins_with_the_floor_that_writes_it():
    own = {text for module, _, text in names_in_code() if text.split(".")[0] == module.app.rsplit(".", 1)[-1]}
    astray = [f"{module.at(node)} {text}" for module, node, text in names_in_code() if text not in own]
    assert not astray, "name it floor.noun.past_participle after the floor that writes it:\n" + "\n".join(astray)


def test_handlers_hear_only_lines_that_are_written():
    deaf = [f"{name} hears {line}" for name, heard in handlers() for line in heard - documented().keys()]
    assert not deaf, "no verb writes these lines:\n" + "\n".join(deaf)


def test_handlers_stand_in_the_rows_of_the_lines_they_hear():
    rows = documented()
    heard = {(line, name) for name, lines in handlers() for line in lines}
    listed = {(line, name) for line, row in rows.items() for name in HANDLER.findall(row)}
    assert heard == listed, f"bring `heard by` in {PAGE} up to date:\n{sorted(heard ^ listed)}"


def test_the_page_names_lines_as_code_does():
    odd = [name for name in documented() if not LINE_NAME.fullmatch(name)]
    assert not odd, f"a line is named floor.noun.past_participle:\n{odd}"
