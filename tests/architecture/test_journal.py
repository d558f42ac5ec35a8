"""The journal is documented both ways: what code writes and hears stands in docs/journal.md, and nothing else."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import LINE_NAME, ROOT, Module, decorators, lines_written, product, strings, verbs

PAGE = "docs/journal.md"
ROW = re.compile(r"^\| `([a-z_.]+)` \|(.*)$", re.MULTILINE)
HANDLER = re.compile(r"`([a-z_.]+\.handlers\.[a-z_]+)`")


def documented() -> dict[str, str]:
    """Each line's name with the rest of its row in the page."""
    return dict(ROW.findall((ROOT / PAGE).read_text(encoding="utf-8")))


def told_by_verbs() -> set[str]:
    return {name for _, verb in verbs() for name in lines_written(verb)}


def names_in_code() -> Iterator[tuple[Module, ast.expr, str]]:
    """What `journal.write(…)` and `line_name=…` name; an f-string's holes come as `x`."""
    for module in product():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call):
                continue
            named = [each.value for each in node.keywords if each.arg == "line_name"]
            func = node.func
            if isinstance(func, ast.Attribute) and func.attr == "write" and getattr(func.value, "id", "") == "journal":
                named += node.args[:1]
            yield from ((module, each, text) for each, text in strings(node) if each in named)


def handlers() -> Iterator[tuple[str, set[str]]]:
    """Each handler's full name with the lines it hears."""
    for module in product():
        for function in module.functions:
            if "hears" in decorators(function):
                heard = {text for each in function.decorator_list for _, text in strings(each)}
                yield f"{module.name}.{function.name}", heard


def fits(text: str, names: set[str]) -> bool:
    pattern = r"[a-z_]+".join(map(re.escape, text.split("x"))) if text.endswith("x") else re.escape(text)
    return any(re.fullmatch(pattern, name) for name in names)


def test_every_line_that_a_verb_writes_is_documented():
    missing = sorted(told_by_verbs() - documented().keys())
    assert not missing, f"give each a row in {PAGE}:\n" + "\n".join(missing)


def test_every_documented_line_is_written_by_a_verb():
    stale = sorted(documented().keys() - told_by_verbs())
    assert not stale, f"no docstring says `Writes:` of these; remove them from {PAGE}:\n" + "\n".join(stale)


def test_every_line_named_in_code_is_told_by_a_verb():
    told = told_by_verbs()
    silent = [f"{module.at(node)} {text}" for module, node, text in names_in_code() if not fits(text, told)]
    assert not silent, "say it under `Writes:` in the verb's docstring:\n" + "\n".join(silent)


def test_every_line_that_a_docstring_tells_is_named_in_code():
    named = [text for _, _, text in names_in_code()]
    idle = sorted(name for name in told_by_verbs() if not any(fits(text, {name}) for text in named))
    assert not idle, "nothing writes these; correct the docstring:\n" + "\n".join(idle)


def test_a_line_begins_with_its_floor():
    astray = [
        f"{module.at(node)} {text}"
        for module, node, text in names_in_code()
        if text.split(".")[0] != module.app.rsplit(".", 1)[-1]
    ]
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
