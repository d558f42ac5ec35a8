"""Each app's README is its charter, both ways: its nouns, its verbs, the lines it writes and hears, and no others."""

import re

import pytest
from django.apps import apps

from tests.architecture.test_journal import handlers
from tests.architecture.tree import FLOORS, LINE_NAME, ROOT, actions, lines_written, verbs

APPS = {"newretail.kernel": "newretail/kernel", **{floor: floor for floor in FLOORS}}
NAME = re.compile(r"`([A-Za-z_.]+)`")
ROW = re.compile(r"^\| (\w[\w ]*) \| (.+) \|$", re.MULTILINE)


def told(app: str, *heads: str) -> set[str]:
    """What stands in back quotes in the rows of these heads."""
    rows = ROW.findall((ROOT / APPS[app] / "README.md").read_text(encoding="utf-8"))
    return {name for head, text in rows if head in heads for name in NAME.findall(text)}


def differs(app: str, is_so: set[str], said: set[str]) -> str:
    missing, stale = sorted(is_so - said), sorted(said - is_so)
    return f"{APPS[app]}/README.md: missing {missing}, not so {stale}" if missing or stale else ""


@pytest.mark.parametrize("app", APPS)
def test_a_charter_names_the_nouns(app):
    label = app.rpartition(".")[2]
    nouns = {model.__name__ for model in apps.get_models() if model._meta.app_label == label}
    assert not differs(app, nouns, told(app, "nouns", "noun"))


@pytest.mark.parametrize("app", APPS)
def test_a_charter_names_the_verbs(app):
    named = {
        f"{module.name.rpartition('.')[2]}.{verb.name}"
        for module, verb in verbs()
        if module.app == app and not verb.name.startswith("_")
    }
    assert not differs(app, named, told(app, "verbs"))


@pytest.mark.parametrize("app", APPS)
def test_a_charter_names_the_lines_written(app):
    floor = app.rpartition(".")[2]
    written = {
        name
        for module in actions()
        if module.app == app
        for function in module.functions
        for name in lines_written(function)
        if name.startswith(f"{floor}.")
    }
    assert not differs(app, written, told(app, "lines written"))


@pytest.mark.parametrize("app", APPS)
def test_a_charter_names_the_lines_heard(app):
    heard = {line for name, lines in handlers() if name.startswith(f"{app}.") for line in lines}
    said = {name for name in told(app, "lines heard") if LINE_NAME.fullmatch(name)}
    assert not differs(app, heard, said)
