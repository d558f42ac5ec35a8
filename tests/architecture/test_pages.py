"""Pages tell the truth: import columns and reasons are documented, links lead somewhere."""

import ast
import re
import tomllib

import pytest
from django.apps import apps

from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.reasons import SENTENCES
from tests.architecture.tree import BESIDE, FLOORS, NOT_OURS, PRODUCT, ROOT, actions, lines_written, product, verbs

IMPORTS = "docs/operators/import.md"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
# What a page names as a file of the checkout.
FOLDERS = ("docs", "static", "locale", *PRODUCT, *BESIDE)
NAMED = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`")
PAGES = [path for path in ROOT.rglob("*.md") if not (NOT_OURS | {".pytest_cache"}) & set(path.relative_to(ROOT).parts)]


def section(kind: str) -> str:
    """Give the part of the page about one kind of file."""
    page = (ROOT / IMPORTS).read_text(encoding="utf-8")
    return re.split(r"^## ", page.partition(f"\n## {kind} · ")[2], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("kind", sorted(IMPORTERS))
def test_every_column_of_an_import_is_documented(kind):
    text = section(kind)
    missing = [
        header
        for column in IMPORTERS[kind].sheet.columns
        for header in (f"`{column.name}`", column.zh, *column.also, *column.choices)
        if header not in text
    ]
    assert not missing, f"give these their place under `## {kind}` of {IMPORTS}: {missing}"


@pytest.mark.parametrize("kind", sorted(IMPORTERS))
def test_every_documented_column_of_an_import_exists(kind):
    told = re.findall(r"^\| `(\w+)` \|", section(kind), re.MULTILINE)
    assert told == [column.name for column in IMPORTERS[kind].sheet.columns], f"{IMPORTS}: columns, in their order"


def test_every_reason_is_documented():
    told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section("Reasons"), re.MULTILINE))
    plain = {code: re.sub(r"%\((?:line|first_line)\)s", "N", text) for code, text in SENTENCES.items()}
    plain = {code: re.sub(r"%\(\w+\)s", "…", text) for code, text in plain.items()}
    assert told == plain, f"bring the table of reasons in {IMPORTS} up to date"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_links_to_what_exists(page):
    text = page.read_text(encoding="utf-8")
    lost = [to for to in LINK.findall(text) if not (page.parent / to).exists()]
    lost += [to for to in NAMED.findall(text) if not (ROOT / to).exists()]
    assert not lost, f"{page.relative_to(ROOT)} names what is not there: {lost}"


def test_every_page_is_linked_from_another():
    linked = {(page.parent / to).resolve() for page in PAGES for to in LINK.findall(page.read_text(encoding="utf-8"))}
    lost = [str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md") if page.resolve() not in linked]
    assert not lost, f"link these from README.md or from the page they belong to: {lost}"


def test_the_page_about_verbs_shows_them_as_they_are():
    page = (ROOT / "docs/howto/add-a-verb.md").read_text(encoding="utf-8")
    shown = [node for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) for node in ast.parse(text).body]
    code = {ast.dump(node) for module in product() for node in module.tree.body}
    changed = [node.name for node in shown if ast.dump(node) not in code]
    assert not changed, f"docs/howto/add-a-verb.md: copy these anew: {changed}"


def test_every_dependency_earns_its_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    needed = {re.split(r"[\[<>=~!; ]", wish, maxsplit=1)[0] for group in groups for wish in group}
    page = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^- `([\w.-]+)`: \S", page, re.MULTILINE))
    assert needed == told, f"say why, or remove it: {sorted(needed ^ told)}"


def test_every_decision_is_listed():
    folder = ROOT / "docs/decisions"
    page = (folder / "README.md").read_text(encoding="utf-8")
    missing = [path.name for path in folder.glob("0*.md") if f"({path.name})" not in page]
    assert not missing, f"list these in docs/decisions/README.md: {missing}"


@pytest.mark.parametrize("app", [*FLOORS, "newretail/kernel", "newretail/platform"])
def test_a_charter_names_the_nouns_verbs_and_lines_of_its_app(app):
    page = (ROOT / app / "README.md").read_text(encoding="utf-8")
    name = app.replace("/", ".")
    label = name.rsplit(".", 1)[-1]
    nouns = {model.__name__ for model in apps.get_models() if model._meta.app_label == label}
    said = {f"{m.name.rsplit('.', 1)[-1]}.{v.name}" for m, v in verbs() if m.app == name and not v.name.startswith("_")}
    lines = {line for m in actions() for f in m.functions for line in lines_written(f) if line.startswith(f"{label}.")}
    missing = sorted(word for word in nouns | said | lines if f"`{word}`" not in page)
    assert not missing, f"name these in {app}/README.md: {missing}"


LARGEST = 150 * 1024


def test_a_picture_of_the_docs_is_no_larger_than_it_need_be():
    large = [
        f"{path.name}: {path.stat().st_size}"
        for path in (ROOT / "docs").rglob("*.png")
        if path.stat().st_size > LARGEST
    ]
    assert not large, "take them again with tools/screenshots.py, which makes them fit:\n" + "\n".join(large)
