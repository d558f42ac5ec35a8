"""Refusals in the description: one answer for each status, shared by all operations, an example in each language."""

import json
from typing import Any

from django.utils import translation

from newretail.kernel.api import asked, illustrate, items, paging, problems
from newretail.kernel.api.illustrate import Both, Described
from newretail.kernel.api.problems import Fault, Problem

EVERYWHERE = (400, 401, 403, 429)
BY_NAME = (404,)  # where an address names a row
# What stands for each status: a refusal of the kind that is met most, word for word as the door writes it.
SHOWN = {
    400: paging.refused("colour", "unknown_parameter", asked.UNKNOWN),
    401: Problem(401),
    403: Problem(403),
    404: Problem(404),
    409: Problem(409, *problems.CHANGED_MEANWHILE),
    422: Problem(422, "refused", items.REFUSED, faults=[Fault("unknown_store", "store_code")]),
    429: Problem(429),
}


def _written(problem: Problem) -> Both:
    """Write the body of a problem in each language."""
    bodies = {}
    for name, language in illustrate.LANGUAGES.items():
        with translation.override(language):
            bodies[name] = json.loads(problem.body())
    return Both(**bodies)


def _answer(status: int, problem: Problem) -> Described:
    """Describe the answer of a status: what it means in words, its shape, an example."""
    usual = problems.USUAL.get(status, ("", problem.sentence))[1]
    body = _written(problem)
    content: Described = {"schema": {"$ref": "#/components/schemas/Problem"}}
    illustrate.put(content, body, Both(body.zh["title"], body.en["title"]))
    return {"description": illustrate.in_both_languages(usual), "content": {problems.TYPE: content}}


def share(result: Described, **_given: Any) -> Described:
    """Let operations lead to one answer for each status of a refusal (a hook of drf-spectacular's drawing)."""
    named = {str(status): f"Problem{status}" for status in SHOWN}
    shared = {named[str(status)]: _answer(status, problem) for status, problem in SHOWN.items()}
    result["components"]["responses"] = shared
    for path, methods in result["paths"].items():
        met = {str(status) for status in EVERYWHERE + (BY_NAME if "{" in path else ())}
        for operation in methods.values():
            told = operation["responses"]
            refused = sorted(met | (told.keys() & named.keys()))
            whole = {status: answer for status, answer in told.items() if status not in named}
            leads = {status: {"$ref": f"#/components/responses/{named[status]}"} for status in refused}
            operation["responses"] = whole | leads
    return result
