"""Every verb reads like a sentence: named arguments, a docstring that says what it does, refuses and writes."""

import ast

import pytest

from tests.architecture.tree import actions, lines_written, verbs

VERBS = [pytest.param(module, verb, id=f"{module.name}.{verb.name}") for module, verb in verbs()]
PUBLIC = [case for case in VERBS if not case.values[1].name.startswith("_")]


@pytest.mark.parametrize(("module", "verb"), VERBS)
def test_a_verb_takes_named_arguments_only(module, verb):
    unnamed = [*verb.args.posonlyargs, *verb.args.args, verb.args.vararg]
    assert not any(unnamed), f"{module.at(verb)}: begin the arguments of {verb.name} with `*`"


@pytest.mark.parametrize(("module", "verb"), VERBS)
def test_a_verb_stands_in_an_actions_room(module, verb):
    assert module.room == "actions", f"{module.at(verb)}: move {verb.name} to an `actions` room"


@pytest.mark.parametrize(("module", "verb"), PUBLIC)
def test_a_verb_says_which_lines_it_writes(module, verb):
    told = ast.get_docstring(verb) or ""
    assert lines_written(verb) or "Writes no line" in told, (
        f"{module.at(verb)}: end the docstring of {verb.name} with `Writes: floor.noun.past_participle.`, "
        "or `Writes no line: …` with the reason"
    )


@pytest.mark.parametrize(("module", "verb"), PUBLIC)
def test_a_verb_names_what_it_refuses(module, verb):
    refusals = {
        node.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and "Refused" in {getattr(base, "id", "") for base in node.bases}
    }
    raised = {
        getattr(node.exc.func if isinstance(node.exc, ast.Call) else node.exc, "id", "")
        for node in ast.walk(verb)
        if isinstance(node, ast.Raise)
    }
    told = (ast.get_docstring(verb) or "").partition("Refuses:")[2]
    silent = sorted(name for name in refusals & raised if name not in told)
    assert not silent, f"{module.at(verb)}: say `Refuses: {', '.join(silent)}.` in the docstring of {verb.name}"


def test_public_functions_of_actions_have_docstrings():
    bare = [
        f"{module.at(function)} {function.name}"
        for module in actions()
        for function in module.tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and not ast.get_docstring(function)
    ]
    assert not bare, "say in one imperative sentence what it does:\n" + "\n".join(bare)
