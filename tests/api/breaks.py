"""What breaks those who were there before: an older description of the API against a newer one."""

from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


def resolved(whole: Schema, part: Any) -> Any:
    """Follow a reference to what it names."""
    while isinstance(part, Mapping) and "$ref" in part:
        _, *place = part["$ref"].split("/")
        part = reduce(lambda found, name: found.get(name, {}), place, whole)
    return part or {}


def kinds(part: Schema) -> set[str]:
    """The types a value may be of."""
    told = part.get("type", [])
    return {told} if isinstance(told, str) else set(told)


def body(whole: Schema, operation: Schema) -> Any:
    """What an operation takes."""
    content = operation.get("requestBody", {}).get("content", {})
    return resolved(whole, next(iter(content.values()), {}).get("schema"))


def sent_breaks(old: tuple[Schema, Any], new: tuple[Schema, Any], where: str) -> Iterator[str]:
    """What may no longer be sent, or must be sent now."""
    before, after = resolved(*old), resolved(*new)
    fields, later = before.get("properties", {}), after.get("properties", {})
    yield from (f"{where}.{name}: no longer taken" for name in fields if name not in later)
    yield from (
        f"{where}.{name}: needed now" for name in set(after.get("required", [])) - set(before.get("required", []))
    )
    if kinds(before) - kinds(after):
        yield f"{where}: type narrowed to {sorted(kinds(after))}"
    if "enum" in after and not set(before.get("enum", after["enum"])) <= set(after["enum"]):
        yield f"{where}: choices narrowed"
    if after.get("maxLength", 10**9) < before.get("maxLength", 10**9):
        yield f"{where}: shorter than before"
    for name in set(fields) & set(later):
        yield from sent_breaks((old[0], fields[name]), (new[0], later[name]), f"{where}.{name}")
    if "items" in before and "items" in after:
        yield from sent_breaks((old[0], before["items"]), (new[0], after["items"]), f"{where}[]")


def told_breaks(old: tuple[Schema, Any], new: tuple[Schema, Any], where: str) -> Iterator[str]:
    """What is no longer told, or told in another way."""
    before, after = resolved(*old), resolved(*new)
    fields, later = before.get("properties", {}), after.get("properties", {})
    yield from (f"{where}.{name}: no longer told" for name in fields if name not in later)
    if kinds(before) and kinds(after) - kinds(before):
        yield f"{where}: type widened to {sorted(kinds(after))}"
    for name in set(fields) & set(later):
        yield from told_breaks((old[0], fields[name]), (new[0], later[name]), f"{where}.{name}")
    if "items" in before and "items" in after:
        yield from told_breaks((old[0], before["items"]), (new[0], after["items"]), f"{where}[]")


def answers_break(old: tuple[Schema, Schema], new: tuple[Schema, Schema], where: str) -> Iterator[str]:
    """What answers no longer hold."""
    for status, answer in old[1].get("responses", {}).items():
        later = new[1].get("responses", {}).get(status)
        if later is None:
            yield f"{where}: {status} no longer answered"
            continue
        for kind, content in resolved(old[0], answer).get("content", {}).items():
            told = resolved(new[0], later).get("content", {}).get(kind, {})
            yield from told_breaks((old[0], content.get("schema")), (new[0], told.get("schema")), f"{where} {status}")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Name everything that breaks a client of the old description."""
    found: list[str] = []
    for path, operations in old["paths"].items():
        for method in METHODS:
            before, after = operations.get(method), new["paths"].get(path, {}).get(method)
            where = f"{method.upper()} {path}"
            if before is None:
                continue
            if after is None:
                found.append(f"{where}: gone")
                continue
            asked = {(each["in"], each["name"]) for each in after.get("parameters", [])}
            found += [f"{where}: parameter {each['name']} gone" for each in before.get("parameters", [])
                      if (each["in"], each["name"]) not in asked]  # fmt: skip
            found += sent_breaks((old, body(old, before)), (new, body(new, after)), where)
            found += answers_break((old, before), (new, after), where)
    return found
