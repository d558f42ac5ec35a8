"""Examples of the API in both languages: each app tells in `api/examples.py` what it is asked with and answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext

from newretail.kernel import scopes

LANGUAGES = {"zh": "zh-hans", "en": "en"}
BETWEEN = " · "  # what is told in both languages at once: 中文 · English
JSON = "application/json"
Described = dict[str, Any]


@dataclass(frozen=True)
class Both:
    """What is written otherwise in each language."""

    zh: Any
    en: Any

    def __str__(self) -> str:
        return f"{self.zh}{BETWEEN}{self.en}"


@dataclass(frozen=True)
class Asked(Both):
    """What an operation does, in few words, and a body that asks for it where it takes one."""

    body: Any = None


@dataclass(frozen=True)
class Examples:
    """An app's operations by name, and its words: what a field holds in an answer, by `field` or `Shape.field`."""

    asked: Mapping[str, Asked]
    words: Mapping[str, Any] = field(default_factory=dict)


def known() -> Examples:
    """Collect what the apps tell."""
    told = [
        import_module(f"{config.name}.api.examples").EXAMPLES
        for config in apps.get_app_configs()
        if Path(config.path, "api", "examples.py").exists()
    ]
    asked = {name: one for each in told for name, one in each.asked.items()}
    return Examples(asked, {name: word for each in told for name, word in each.words.items()})


def said(value: Any, language: str) -> Any:
    """Write an example in one language."""
    if isinstance(value, Both):
        return said(getattr(value, language), language)
    if isinstance(value, dict):
        return {name: said(each, language) for name, each in value.items()}
    return [said(each, language) for each in value] if isinstance(value, list) else value


def put(where: Described, value: Any, does: Both) -> None:
    """Put an example where it belongs: one, or one for each language where they differ."""
    values = {language: said(value, language) for language in LANGUAGES}
    if values["zh"] == values["en"]:
        where["example"] = values["en"]
    else:
        where["examples"] = {
            language: {"summary": getattr(does, language), "value": each} for language, each in values.items()
        }


class Answers:
    """Answers composed from words: each field of a shape says its own."""

    def __init__(self, shapes: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        self.shapes, self.words = shapes, words
        self.wordless: list[str] = []

    def of(self, schema: Mapping[str, Any], shape: str = "") -> Any:
        """Compose what a schema describes; a field without a word is left out, and noted."""
        if "$ref" in schema:
            shape = schema["$ref"].rpartition("/")[2]
            return self.of(self.shapes[shape], shape)
        if "items" in schema:
            return [self.of(schema["items"], shape)]
        fields = {name: self._field(shape, name, each) for name, each in schema.get("properties", {}).items()}
        return {name: value for name, value in fields.items() if value is not self}

    def _field(self, shape: str, name: str, schema: Mapping[str, Any]) -> Any:
        for word in (f"{shape}.{name}", "" if self._is_shape(schema) else name):
            if word in self.words:
                return self.words[word]
        if self._is_shape(schema):
            return self.of(schema)
        self.wordless.append(f"{shape}.{name}")
        return self

    def _is_shape(self, schema: Mapping[str, Any]) -> bool:
        part = schema.get("items", schema)
        return "properties" in self.shapes.get(part.get("$ref", "").rpartition("/")[2], {})


def operations(whole: Described) -> Iterator[Described]:
    """Give every operation of a description."""
    for methods in whole["paths"].values():
        yield from methods.values()


def _tell_request(operation: Described, asked: Asked, words: Mapping[str, Any]) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["examples"] = {
            language: {"summary": getattr(asked, language), "value": said(asked.body, language)}
            for language in LANGUAGES
        }
    for parameter in operation.get("parameters", ()):
        word = words.get(f"{operation['operationId']}.{parameter['name']}", words.get(parameter["name"]))
        if parameter["in"] == "path" and word is not None:
            put(parameter, word, asked)


def _tell_answers(operation: Described, asked: Asked, answers: Answers) -> None:
    for response in operation["responses"].values():
        content = response.get("content", {}).get(JSON)
        if content:
            put(content, answers.of(content["schema"]), asked)


def in_both_languages(sentence: Any) -> str:
    """Write a sentence in both languages at once."""
    told = []
    for language in LANGUAGES.values():
        with translation.override(language):
            told.append(gettext(str(sentence)))
    return BETWEEN.join(told)


def _name_resources(whole: Described) -> None:
    """Say in words what each tag is: a resource of the table of rights."""
    tags = sorted({tag for operation in operations(whole) for tag in operation["tags"]})
    words: Mapping[str, Any] = {str(name): word for name, word in scopes.RESOURCE_WORDS.items()}
    whole["tags"] = [{"name": tag, "description": in_both_languages(words[tag])} for tag in tags]


def tell(result: Described, **_given: Any) -> Described:
    """Put what the apps tell into a description that was drawn (a hook of drf-spectacular's drawing)."""
    here = known()
    answers = Answers(result["components"]["schemas"], here.words)
    for operation in operations(result):
        asked = here.asked.get(operation["operationId"])
        if asked is not None:
            operation["summary"] = str(asked)
            _tell_request(operation, asked, here.words)
            _tell_answers(operation, asked, answers)
    _name_resources(result)
    return result
