"""The page of errors tells every problem that the door itself answers with, in the words of the code."""

import re
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext

from members.api import whom
from newretail.kernel import guesses
from newretail.kernel.actions import answers
from newretail.kernel.api import asked, items, paging, problems, strict, views
from stores.api import confined

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrators" / "errors.md"
TOLD: dict[str, tuple[int, str]] = {
    **{code: (status, sentence) for status, (code, sentence) in problems.USUAL.items()},
    **{code: (413 if code == "too_large" else 400, sentence) for code, sentence in strict.BODY_REASONS.items()},
    "bad_batch": (400, items.TOO_MANY),
    "unknown_parameter": (400, asked.UNKNOWN),
    "bad_parameter": (400, asked.BAD_VALUE),
    "bad_fields": (400, asked.BAD_FIELDS),
    "bad_since": (400, asked.BAD_SINCE),
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
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {code: (int(status), zh, en) for code, status, zh, en in rows} == {
        code: (status, said(sentence, "zh-hans"), said(sentence, "en")) for code, (status, sentence) in TOLD.items()
    }
