"""Questions about rules of tags: which stand, in which order they are applied, whether they would chase each other."""

from datetime import date

from members.models import Tag, TagRule
from members.queries.conditions import compiler, tree


def newest(tag: Tag) -> TagRule | None:
    """Give the rule of a tag as it was kept last."""
    return TagRule.objects.filter(tag=tag).order_by("-version").first()


def standing() -> list[TagRule]:
    """Give the newest version of each tag's rule, ended ones too, by the name of the tag."""
    rows = TagRule.objects.select_related("tag").order_by("tag__name", "-version").distinct("tag__name")
    return list(rows)


def tags_asked(conditions: object) -> set[str]:
    """Name the tags that conditions ask for."""
    if conditions is None:
        return set()
    return {name for leaf in tree.leaves(tree.read(conditions)) if leaf.field.named == "tags" for name in leaf.value}


def in_order() -> list[TagRule]:
    """Give the standing rules so that each comes after those whose tags it asks for."""
    rules = {rule.tag.name: rule for rule in standing()}
    ordered: dict[str, TagRule] = {}

    def add(name: str) -> None:
        if name in rules and name not in ordered:
            for other in sorted(tags_asked(rules[name].conditions) - {name}):
                add(other)
            ordered[name] = rules[name]

    for name in sorted(rules):
        add(name)
    return list(ordered.values())


def chases_itself(tag: Tag, conditions: object) -> bool:
    """Tell whether with these conditions the tag would, through whatever rules, ask for itself."""
    asked = {rule.tag.name: tags_asked(rule.conditions) for rule in standing()}
    asked[tag.name] = tags_asked(conditions)
    seen: set[str] = set()
    ahead = set(asked[tag.name])
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= asked.get(name, set()) - seen
    return tag.name in seen


def reached(rule: TagRule, as_of: date) -> int:
    """Count whom a rule's conditions hold of as of a day."""
    return compiler.count(compiler.ask(tree.read(rule.conditions), as_of))
