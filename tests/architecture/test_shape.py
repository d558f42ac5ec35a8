"""Sizes, names and habits of modules: what keeps a stranger able to read them."""

import ast
from statistics import quantiles

from tests.architecture.tree import BESIDE, PRODUCT, ROOT, Function, Module, doors, everything, files, product

MODULE_LINES = 400
FUNCTION_LINES = 50
FUNCTION_LINES_P90 = 25
BANNED = {"utils", "helpers", "common", "misc", "services", "managers"}
TREES = (*PRODUCT, *BESIDE, "docs", "templates", "static")
LATER = ("TO" + "DO", "FIX" + "ME", "XX" + "X")


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_a_module_has_at_most_400_lines():
    long = [f"{m.path}: {m.text.count(chr(10))}" for m in everything() if m.text.count("\n") > MODULE_LINES]
    assert not long, "split these by noun; `x.py` becomes `x/`:\n" + "\n".join(long)


def test_a_function_has_at_most_50_lines():
    long = [
        f"{module.at(function)} {function.name}: {length(function)}"
        for module in everything()
        for function in module.functions
        if length(function) > FUNCTION_LINES
    ]
    assert not long, "give its steps names of their own:\n" + "\n".join(long)


def test_nine_functions_in_ten_have_at_most_25_lines():
    ninth = quantiles([length(f) for module in product() for f in module.functions], n=10)[-1]
    assert ninth <= FUNCTION_LINES_P90, f"the 90th percentile is {ninth} lines; shorten the longest"


def test_no_file_has_a_name_that_says_nothing():
    found = [str(m.path) for m in everything() if BANNED & {part.removesuffix(".py") for part in m.path.parts}]
    assert not found, "name the file after the noun it holds:\n" + "\n".join(found)


def test_every_module_says_its_charter_on_one_line():
    bare = [str(m.path) for m in everything() if not (ast.get_docstring(m.tree) or "").strip()]
    assert not bare, "begin with a docstring of one line that says what the module is for:\n" + "\n".join(bare)


def test_nothing_is_left_for_later():
    kept = [
        f"{path.relative_to(ROOT)}: {word}"
        for ends in (".py", ".html", ".js", ".css", ".md", ".toml")
        for path in files(*TREES, ends=ends)
        for word in LATER
        if word in path.read_text(encoding="utf-8")
    ]
    assert not kept, "do it, or say in docs/decisions why not:\n" + "\n".join(kept)


def signals(module: Module) -> list[str]:
    """Imports of Django's signals."""
    found = []
    for node in ast.walk(module.tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if any(name.startswith("django.dispatch") or name.split(".")[-1] == "signals" for name in names):
            found.append(module.at(node))
    return found


def test_nothing_listens_to_signals():
    found = [place for module in product() for place in signals(module)]
    assert not found, "write a journal line in the verb and a handler that hears it:\n" + "\n".join(found)


def test_doors_never_ask_for_all_rows():
    found = [
        module.at(node)
        for module in doors()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "all"
        and getattr(node.value, "attr", "") in {"objects", "_default_manager"}
    ]
    assert not found, "ask `.visible_to(user)` instead of `.objects.all()`:\n" + "\n".join(found)
