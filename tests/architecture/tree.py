"""The source tree as the guards read it: modules with their syntax trees, and the rooms they stand in."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("stores", "members", "guides", "campaigns", "analytics")  # lowest first
PRODUCT = ("newretail", *FLOORS)
BESIDE = ("tests", "tools", "bench")
DOORS = ("admin", "api", "forms", "handlers", "hooks", "importers", "jobs", "laws", "management", "urls", "views")
NOT_OURS = {".git", ".venv", "node_modules", "var", "__pycache__", "migrations"}
LINE_NAME = re.compile(r"\b[a-z]+\.[a-z_]+\.[a-z_]+\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of Python; `path` is relative to the checkout."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        """The floor, or `newretail.kernel` and its like."""
        parts = self.name.split(".")
        return ".".join(parts[:2]) if parts[0] == "newretail" else parts[0]

    @property
    def room(self) -> str:
        """The first name below the app: models, queries, actions, a door; empty for the app itself."""
        return self.name.removeprefix(self.app).lstrip(".").split(".")[0]

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def at(self, node: ast.expr | ast.stmt) -> str:
        return f"{self.path}:{node.lineno}"


def read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path.relative_to(ROOT), text, ast.parse(text))


def files(*folders: str, ends: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{ends}")):
            if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts):
                yield path


@cache
def product() -> tuple[Module, ...]:
    """Every module that runs in production, migrations left out."""
    return tuple(read(path) for path in files(*PRODUCT, ends=".py"))


@cache
def everything() -> tuple[Module, ...]:
    """The product, its tests, tools and benches."""
    return (*product(), *(read(path) for path in files(*BESIDE, ends=".py")), read(ROOT / "manage.py"))


def actions() -> list[Module]:
    return [module for module in product() if module.room == "actions"]


def doors() -> list[Module]:
    return [module for module in product() if module.room in DOORS]


def decorators(function: Function) -> set[str]:
    """The names a function is decorated with, calls and attributes taken apart."""
    bare = [node.func if isinstance(node, ast.Call) else node for node in function.decorator_list]
    return {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in bare}


def verbs() -> Iterator[tuple[Module, Function]]:
    """Every function decorated as a verb, with its module."""
    for module in product():
        for function in module.functions:
            if "verb" in decorators(function):
                yield module, function


def lines_written(function: Function) -> set[str]:
    """The journal lines a docstring states under `Writes:`."""
    told = (ast.get_docstring(function) or "").partition("Writes:")[2].partition("\n\n")[0]
    return set(LINE_NAME.findall(told))


def strings(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every string, docstrings left out; what an f-string puts in shows as `x`."""
    told = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values}
            pieces = (str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
            yield node, "".join(pieces)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and not {id(node)} & (told | parts):
            yield node, node.value
