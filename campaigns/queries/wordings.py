"""The words of a plan: plain substitution of places from a list; nothing else is looked up, nothing is run."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from newretail.kernel import brand, numbers, sql
from newretail.kernel.verbs import Refused

# What may stand in braces, and what it is.
PLACES = {
    "name": _("her name"), "level": _("her level"), "points": _("her points"), "store": _("her home store"),
    "guide": _("her guide"), "coupon": _("the coupon's name"), "brand": _("the brand's name"),
}  # fmt: skip
PLACE = re.compile(r"\{(\w*)\}", re.ASCII)
FACTS = """
SELECT m.id, r.name, coalesce(l.name, ''), coalesce(a.balance, 0), coalesce(s.name, ''), coalesce(u.name, '')
FROM members_member m JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id)
LEFT JOIN members_level l ON l.id = r.level_id LEFT JOIN members_pointsaccount a ON a.member_id = r.id
LEFT JOIN stores_store s ON s.id = r.home_store_id
LEFT JOIN LATERAL (SELECT b.post_id FROM guides_bond b WHERE b.member_id = r.id AND b.ended_at IS NULL
  ORDER BY b.id DESC LIMIT 1) g ON true
LEFT JOIN stores_post p ON p.id = g.post_id LEFT JOIN kernel_user u ON u.id = p.user_id
WHERE m.id = ANY(%(members)s)
"""


class BadWords(Refused):
    """Words have places that nobody knows."""

    code = "bad_words"
    sentence = gettext_noop("These words have places that nobody fills: %(places)s. What may stand there: %(known)s.")


def check(*texts: str) -> None:
    """Refuse words with an unknown place, or with braces that make none.

    Refuses: BadWords.
    """
    wrong: list[str] = []
    for text in texts:
        wrong += [f"{{{name}}}" for name in PLACE.findall(text) if name not in PLACES]
        wrong += re.findall(r"[{}%]{2,}|\{%|%\}", PLACE.sub("", text)) or re.findall(r"[{}]", PLACE.sub("", text))
    if wrong:
        raise BadWords(places=" ".join(dict.fromkeys(wrong)), known=" ".join(f"{{{name}}}" for name in PLACES))


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Fill the places; what is filled in is not looked through again."""
    return PLACE.sub(lambda match: facts.get(match[1], ""), text)


def facts_of(members: Sequence[int]) -> dict[int, dict[str, str]]:
    """Give what fills the places for each of these members (ids), in one query."""
    named = {"brand": brand.name(), "coupon": ""}
    return {
        pk: {**named, "name": name, "level": level, "points": numbers.grouped(points), "store": store, "guide": guide}
        for pk, name, level, points, store, guide in sql.rows(FACTS, {"members": list(members)})
    }
