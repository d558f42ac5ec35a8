"""One word, one meaning: every noun and verb stands in docs/glossary.md, and every code name there is in use."""

import re

from django.apps import apps

from tests.architecture.tree import FLOORS, ROOT, product, verbs

PAGE = "docs/glossary.md"
CODE_NAME = re.compile(r"`([^`\s]+)`")


def code_names() -> set[str]:
    """What stands in back quotes in the third column of the page's tables."""
    rows = [line.split("|") for line in (ROOT / PAGE).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return {name for row in rows if len(row) > 4 for name in CODE_NAME.findall(row[3])}


def nouns() -> set[str]:
    labels = {*FLOORS, "kernel", "platform"}
    return {model.__name__ for model in apps.get_models() if model._meta.app_label in labels}


def verb_names() -> set[str]:
    """`module.verb`, as it is said where it is called."""
    return {f"{m.name.rsplit('.', 1)[-1]}.{v.name}" for m, v in verbs() if not v.name.startswith("_")}


def test_every_noun_stands_in_the_glossary():
    missing = sorted(nouns() - code_names())
    assert not missing, f"give each a row in {PAGE} (中文, English, code, meaning):\n" + "\n".join(missing)


def test_every_verb_stands_in_the_glossary():
    missing = sorted(verb_names() - code_names())
    assert not missing, f"give each a row in {PAGE} (中文, English, code, meaning):\n" + "\n".join(missing)


def test_every_code_name_of_the_glossary_is_in_use():
    said = {word for module in product() for word in re.findall(r"\w+", module.text)}
    idle = sorted(name for name in code_names() if not said.issuperset(re.findall(r"\w+", name.rpartition(".")[2])))
    assert not idle, f"no code says these words; remove their rows from {PAGE}:\n" + "\n".join(idle)
