"""Keep the rules that put tags on members, and apply them: only differences are written."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from members.actions.tags import LOCK_LINKS, PUT, TAKE
from members.models import Tag, TagRule, TagSource
from members.queries import tag_rules
from members.queries.conditions import compiler, tree
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LOCK = "SELECT 1 FROM members_tag WHERE id = %(tag)s FOR NO KEY UPDATE"
# A tag of a region or a store reaches those at home there.
WANTED = """
SELECT w.member_id, g.id AS tag_id FROM ({members}) w JOIN members_tag g ON g.id = %(tag)s
JOIN members_member m ON m.id = w.member_id LEFT JOIN stores_store h ON h.id = m.home_store_id
WHERE num_nonnulls(g.store_id, g.region_id) = 0 OR g.store_id = h.id OR g.region_id = h.region_id
"""
NOBODY = "SELECT NULL::bigint AS member_id WHERE false"
LACKING = """
SELECT w.* FROM tmp_wanted w LEFT JOIN members_membertag l ON l.member_id = w.member_id AND l.tag_id = w.tag_id
WHERE l.id IS NULL OR l.expires_on IS NOT NULL
"""
OVERDUE = """
SELECT l.member_id, l.tag_id FROM members_membertag l WHERE l.tag_id = %(tag)s AND l.source = 'rule'
  AND NOT EXISTS (SELECT FROM tmp_wanted w WHERE w.member_id = l.member_id)
"""


class ChasesItself(Refused):
    """The tag would depend on itself."""

    code = "chases_itself"
    sentence = gettext_noop("With these conditions the tag would depend on itself, through its own or other rules.")


class RuleChanged(Refused):
    """Somebody else kept another version meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has changed this rule meanwhile; look at it as it stands now.")


@dataclass(frozen=True)
class Applied:
    """What a rule changed: on how many members it put its tag, off how many it took it."""

    put_on: int
    taken_off: int


@verb
def keep(
    *, tag: Tag, conditions: object, at: datetime, by: User | None = None, reason: str = "", seen: int | None = None
) -> TagRule:
    """Keep the conditions of a tag as its rule's next version; None ends the rule. The same again is no new version.

    `seen`: the version that was shown, 0 where there was none.
    Refuses: BadConditions, ChasesItself, RuleChanged.
    Writes: members.tag_rule.kept.
    """
    sql.rows(LOCK, {"tag": tag.pk})
    last = tag_rules.newest(tag)
    if seen is not None and seen != (last.version if last else 0):
        raise RuleChanged
    if conditions is not None:
        node = tree.read(conditions)
        tree.check_names(node)
        conditions = tree.written(node)
        if tag_rules.chases_itself(tag, conditions):
            raise ChasesItself
    if last and last.conditions == conditions:
        return last
    version = last.version + 1 if last else 1
    line = journal.write("members.tag_rule.kept", at=at, by=by, subject=tag.name, version=version)
    return TagRule.objects.create(
        tag=tag, version=version, conditions=conditions, reason=reason, kept_at=at, by=by, entry_id=line.pk
    )


@verb
def apply(*, rule: TagRule, as_of: date, at: datetime) -> Applied:
    """Put the rule's tag on whom its conditions hold of as of a day, and take off what it put on others.

    What hands and files put on stays. Only differences are written.
    Writes: members.tag_rule.applied.
    """
    params: sql.Params = {
        "tag": rule.tag_id, "source": TagSource.RULE, "reason": f"v{rule.version}", "at": at, "until": None,
        "by": None, "entry": journal.reserve(), "kind": "removed",
    }  # fmt: skip
    sql.rows(LOCK, params)
    asked = compiler.ask(tree.read(rule.conditions), as_of) if rule.conditions is not None else None
    sql.temporary(
        "tmp_wanted", WANTED.format(members=asked.members if asked else NOBODY),
        {**params, **(asked.params if asked else {})},
    )  # fmt: skip
    sql.temporary("tmp_lacking", LACKING, params)
    sql.temporary("tmp_overdue", OVERDUE, params)
    put_on = sql.execute(PUT.format(table="tmp_lacking"), params)
    sql.execute(LOCK_LINKS.format(table="tmp_overdue"))
    taken_off = sql.execute(TAKE.format(table="tmp_overdue"), params)
    if put_on or taken_off:
        facts: dict[str, Any] = {"version": rule.version, "put_on": put_on, "taken_off": taken_off}
        journal.write(
            "members.tag_rule.applied", at=at, subject=rule.tag.name, entry_id=params["entry"],
            as_of=as_of.isoformat(), **facts,
        )  # fmt: skip
    return Applied(put_on, taken_off)


# What ships with the product: two groups of the source, each by sex, age and what is known of their life. The tags of
# the latter are set by guides and files.
EXAMPLES: dict[str, tuple[str, list[int]]] = {
    "20–34 岁上班族女性": ("上班族", [20, 34]),
    "35–45 岁精致妈妈": ("有孩家庭", [35, 45]),
}


def _example(known_by: str, ages: list[int]) -> dict[str, object]:
    return {
        "all": [
            {"field": "member.gender", "op": "one_of", "value": ["f"]},
            {"field": "member.age", "op": "between", "value": ages},
            {"field": "tags", "op": "any_of", "value": [known_by]},
        ]
    }


def _tag(name: str, *, at: datetime, by: User | None) -> Tag:
    """Give the attribute tag of this name, made where there is none."""
    found = Tag.objects.filter(name=name).first()
    if found is None:
        line = journal.write("members.tag.recorded", at=at, by=by, subject=name, created=1)
        found = Tag.objects.create(name=name, family=Tag.Family.ATTRIBUTE, entry_id=line.pk)
    return found


@verb
def add_examples(*, at: datetime, by: User | None = None) -> list[TagRule]:
    """Keep the example rules whose tags have none yet; rules that stand, ended ones too, stay as they are.

    Writes: members.tag.recorded, members.tag_rule.kept.
    """
    made = []
    for name, (known_by, ages) in EXAMPLES.items():
        _tag(known_by, at=at, by=by)
        tag = _tag(name, at=at, by=by)
        if tag_rules.newest(tag) is None:
            made.append(keep(tag=tag, conditions=_example(known_by, ages), at=at, by=by))
    return made
