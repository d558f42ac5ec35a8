"""Every sentence a person may read is translated: Chinese first, English beside it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation.template import templatize

from tests.architecture.tree import PRODUCT, ROOT, files, product

CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
LITERAL = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf"(?:\b|_)(?:n?gettext|_)\({LITERAL}(?:,\s*{LITERAL})?", re.DOTALL)
IN_SCRIPT = re.compile(rf"\bgettext\({LITERAL}", re.DOTALL)
HOLE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
Said = dict[str, str]


def python_says(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Message ids in calls of gettext and its like, and the sentences of refusals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            last = 2 if name.startswith(("ngettext", "pgettext")) else 1
            texts = node.args[1 if name.startswith("pgettext") else 0 : last] if name in CALLS else []
        elif isinstance(node, ast.Assign) and any(getattr(to, "id", "") == "sentence" for to in node.targets):
            texts = [node.value]
        else:
            continue
        yield from ((text, text.value) for text in texts if isinstance(text, ast.Constant) and text.value)


def template_says(text: str) -> Iterator[str]:
    """Message ids of a template, as `makemessages` sees them."""
    for found in IN_TEMPLATE.finditer(templatize(text)):
        yield from (ast.literal_eval(part) for part in found.groups() if part)


def said(domain: str) -> Said:
    """Every message id of the product with the place that says it."""
    found: Said = {}
    if domain == "djangojs":
        for path in files("static", ends=".js"):
            for part in IN_SCRIPT.findall(path.read_text(encoding="utf-8")):
                found.setdefault(ast.literal_eval(part), str(path.relative_to(ROOT)))
        return found
    for module in product():
        for node, text in python_says(module.tree):
            found.setdefault(text, module.at(node))
    for path in files("templates", *PRODUCT, ends=".html"):
        for text in template_says(path.read_text(encoding="utf-8")):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def catalogue(language: str, domain: str) -> dict[str, polib.POEntry]:
    path = Path(ROOT, "locale", language, "LC_MESSAGES", f"{domain}.po")
    return {entry.msgid: entry for entry in polib.pofile(str(path)) if not entry.obsolete} if path.exists() else {}


def lacking(said_here: Said, known: dict[str, polib.POEntry]) -> list[str]:
    return [f"{at}: {text!r}" for text, at in said_here.items() if text not in known or not known[text].translated()]


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_everything_said_is_translated_into_chinese(domain):
    missing = lacking(said(domain), catalogue("zh_Hans", domain))
    told = f"{len(missing)} to translate in locale/zh_Hans (none fuzzy, none empty):\n"
    assert not missing, told + "\n".join(missing)


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_everything_said_stands_in_the_english_catalogue(domain):
    known = catalogue("en", domain)
    missing = [f"{place}: {text!r}" for text, place in said(domain).items() if text not in known]
    assert not missing, f"{len(missing)} missing in locale/en; run `make messages`:\n" + "\n".join(missing)


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_a_translation_has_the_holes_of_its_sentence(domain):
    odd = [
        entry.msgid
        for entry in catalogue("zh_Hans", domain).values()
        if not entry.msgid_plural and entry.msgstr and set(HOLE.findall(entry.msgid)) != set(HOLE.findall(entry.msgstr))
    ]
    assert not odd, "keep every %(name)s and {name} of the sentence:\n" + "\n".join(odd)


def test_the_sentence_of_a_refusal_is_marked_for_translation():
    bare = [
        module.at(node)
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and "sentence" in {getattr(to, "id", "") for to in node.targets}
    ]
    assert not bare, "write gettext_noop(…) around it, or `make messages` forgets its translation:\n" + "\n".join(bare)


def test_what_is_said_is_seen():
    tree = ast.parse("_('one'); ngettext('two', 'three', 2); pgettext('month', 'four'); sentence = 'five'; _(text)")
    template = (
        "{% load i18n %}{% trans 'six' %}{{ _('seven') }}"
        "{% blocktranslate trimmed with n=1 %}\n eight\n {{ n }}{% endblocktranslate %}"
    )
    assert {text for _, text in python_says(tree)} == {"one", "two", "three", "four", "five"}
    assert list(template_says(template)) == ["six", "seven", "eight %(n)s"]


def test_an_empty_translation_is_missing():
    empty, fuzzy = polib.POEntry(msgid="one"), polib.POEntry(msgid="two", msgstr="二", flags=["fuzzy"])
    known = {"one": empty, "two": fuzzy, "four": polib.POEntry(msgid="four", msgstr="四")}
    assert len(lacking(dict.fromkeys(("one", "two", "three", "four"), "here"), known)) == 3


@pytest.mark.parametrize("password", ["a1b2", "password"])
def test_why_a_password_is_refused_is_said_in_chinese(password):
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert not [said for said in refused.value.messages if re.search("[A-Za-z]{3}", said)]
