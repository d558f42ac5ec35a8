"""The page of errors tells what the door answers with, what deeds refuse and what is wrong with a field, as the code does."""

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext

from members.actions import claims, points
from members.api import points as points_door
from members.api import whom
from members.queries import coupon_reasons
from newretail.kernel import guesses
from newretail.kernel.actions import answers, endpoints
from newretail.kernel.api import asked, inbox, items, paging, problems, strict, views
from newretail.kernel.files.reasons import SENTENCES
from newretail.kernel.verbs import Refused
from stores.api import confined, imports, job_runs, webhooks

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "integrators" / "errors.md"
DOORS = [*ROOT.glob("members/api/*.py"), *ROOT.glob("stores/api/*.py"), *ROOT.glob("newretail/kernel/api/*.py")]
TOLD: dict[str, tuple[int, str]] = {
    **{code: (status, sentence) for status, (code, sentence) in problems.USUAL.items()},
    **{code: (413 if code == "too_large" else 400, sentence) for code, sentence in strict.BODY_REASONS.items()},
    "bad_batch": (400, items.TOO_MANY),
    "unknown_parameter": (400, asked.UNKNOWN),
    "bad_parameter": (400, asked.BAD_VALUE),
    "bad_fields": (400, asked.BAD_FIELDS),
    "bad_since": (400, asked.BAD_SINCE),
    "bad_day": (400, asked.BAD_DAY),
    "bad_cursor": (400, paging.BAD_CURSOR),
    "bad_limit": (400, paging.BAD_LIMIT),
    "bad_idempotency_key": (400, views.BAD_KEY),
    "too_many_misses": (429, whom.TOO_MANY),
    "too_many_wrong_codes": (429, guesses.SENTENCE),
    "confined_key": (403, confined.CONFINED),
    "changed_meanwhile": (409, problems.CHANGED_MEANWHILE[1]),
    answers.InFlight.code: (409, answers.InFlight.sentence),
    answers.AnotherRequest.code: (422, answers.AnotherRequest.sentence),
    "refused": (422, items.REFUSED),
}


def said(sentence: str, language: str) -> str:
    with translation.override(language):
        return re.sub(r"%\(\w+\)s", "…", gettext(sentence))


def test_the_page_tells_every_problem_of_the_door():
    assert {code: (int(status), zh, en) for code, status, zh, en in rows("Problems", 3)} == {
        code: (status, said(sentence, "zh-hans"), said(sentence, "en")) for code, (status, sentence) in TOLD.items()
    }


# What is wrong with a field, where the door says it in words of its own: the other reasons are those of files.
OF_A_FIELD = {
    "bad_field": webhooks.BAD_FIELD,
    "bad_file": imports.BAD_FILE,
    "bad_message": inbox.NO_KIND,
    "not_boolean": points_door.NOT_TRUE,
    "unknown_job": job_runs.BAD_JOB,
    "not_date": job_runs.BAD_DAY,
    **{refusal.code: refusal.sentence for refusal in (
        claims.NoIdentity, points.NoNumber, points.NoPoints, endpoints.BadAddress, endpoints.UnknownEvent
    )},
}  # fmt: skip


def module_of(path):
    return import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def refused_by(function):
    """The refusals that a docstring names, with those of the functions and modules it refers to."""
    told = re.search(r"Refuses:(.*?)(?:Writes:|Raises|Row refusals|\n\n|$)", inspect.getdoc(function) or "", re.DOTALL)
    found = set()
    for name in re.findall(r"[\w.]+", told[1]) if told else ():
        first, _, rest = name.rstrip(".").partition(".")
        named = function.__globals__.get(first, ALL.get(first))
        named = getattr(named, rest, None) if rest else named
        if inspect.ismodule(named):
            found |= {each for each in vars(named).values() if is_refusal(each) and each.__module__ == named.__name__}
        elif inspect.isfunction(named):
            found |= refused_by(inspect.unwrap(named))
        elif is_refusal(named):
            found.add(named)
    return found


def is_refusal(found):
    return inspect.isclass(found) and issubclass(found, Refused) and "code" in vars(found)


def kinds_of(refusal):
    for each in refusal.__subclasses__():
        yield each
        yield from kinds_of(each)


# Whatever a docstring may name, though its module does not: a refusal, a module of reasons.
ALL = {"coupon_reasons": coupon_reasons, **{each.__name__: each for each in kinds_of(Refused)}}


def called(path):
    """The functions a door calls: its own, and those of the rooms it enters."""
    module, tree = module_of(path), ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = getattr(vars(module).get(node.value.id), node.attr, None)
            if inspect.isfunction(inspect.unwrap(found) if callable(found) else found):
                yield inspect.unwrap(found)


def rows(title, cells):
    """The rows of one table of the page."""
    part = PAGE.read_text(encoding="utf-8").partition(f"## {title}")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|" + r" (.*) \|" * cells + "$", part, re.MULTILINE)


def test_the_page_tells_what_each_deed_of_the_api_refuses():
    told = {code: (zh, en) for code, zh, en in rows("Refusals", 2)}
    refusals = {each for path in DOORS for function in called(path) for each in refused_by(function)}
    refusals = {each for each in refusals if each.code not in TOLD}
    assert len(refusals) > 60
    code = {each.code: (said(each.sentence, "zh-hans"), said(each.sentence, "en")) for each in refusals}
    assert told == code, "let the table read:\n" + table(code)


def test_the_page_tells_what_the_door_finds_wrong_with_a_field():
    told = {code: (zh, en) for code, zh, en in rows("Fields", 2)}
    code = {name: (said(sentence, "zh-hans"), said(sentence, "en")) for name, sentence in OF_A_FIELD.items()}
    assert told == code, "let the table read:\n" + table(code)


def reasons_in(path):
    """The codes that a door writes out beside a field: where each of its words for that takes them."""
    places = {"Fault": 0, "wrong": 1, "_wrong": 1, "refused": 1}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            place = places.get(getattr(node.func, "attr", getattr(node.func, "id", "")), len(node.args))
            if place < len(node.args) and isinstance(node.args[place], ast.Constant):
                yield node.args[place].value


def test_every_reason_a_door_gives_by_name_is_told():
    found = {code for path in DOORS for code in reasons_in(path)}
    assert len(found) > 15
    assert sorted(found - (SENTENCES.keys() | TOLD.keys() | OF_A_FIELD.keys())) == []


def table(code):
    return "\n".join(f"| `{name}` | {zh} | {en} |" for name, (zh, en) in sorted(code.items()))
