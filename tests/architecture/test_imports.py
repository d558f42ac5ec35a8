"""Calls go down: floors, rooms and nouns import only what lies below them."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.tree import FLOORS, ROOT, Module, product

WAYS_IN = ("models", "queries", "actions")


def imported(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name


def test_the_import_contracts_are_kept():
    lint = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    ran = subprocess.run([sys.executable, "-c", lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"move the code, or the name, down a floor (docs/house.md):\n{ran.stdout}{ran.stderr}"


def test_another_app_is_entered_by_its_models_queries_and_actions_only():
    found = [
        f"{module.at(node)} imports {name}"
        for module in product()
        if module.app not in ("newretail.urls", "newretail.api")
        for node, name in imported(module)
        for app, _, rest in [name.partition(".")]
        if app in FLOORS and app != module.app and rest.split(".")[0] not in WAYS_IN
    ]
    assert not found, "ask a question or call a verb of that app instead:\n" + "\n".join(found)
