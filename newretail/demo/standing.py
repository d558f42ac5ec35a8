"""Where the demo's members stand: four levels with what they give, tags by rules, and some who may be one person."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from members.actions import claims, duplicates, level_schemes, leveling, levels, members, merges, tag_rules, tags
from members.models import Duplicate, LevelScheme, Member, Tag
from newretail.kernel import sql
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import User

STEPS = (("C", "普卡会员", 1, 0), ("S", "银卡会员", 2, 1_000), ("G", "金卡会员", 3, 3_000), ("B", "黑金会员", 4, 8_000))
GIVES: dict[str, dict[str, Any]] = {
    "C": {"points_exchange_bp": 10_000},
    "S": {"discount_bp": 200, "points_exchange_bp": 10_000, "free_shipping": "99"},
    "G": {
        "discount_bp": 500, "points_exchange_bp": 9_500, "free_shipping": "59", "level_up_gift": {"points": 200},
        "privileges": [{"name": "新品优先试用", "kind": "vip", "per_year": 4}],
    },
    "B": {
        "discount_bp": 800, "points_exchange_bp": 9_000, "free_shipping": "0", "level_up_gift": {"points": 500},
        "privileges": [{"name": "专属客服", "kind": "vip", "per_year": 12},
                       {"name": "合作影院观影", "kind": "partner", "per_year": 2}],
        "factory_tour": {"per_year": 1, "places": 60},
    },
}  # fmt: skip
GROWTH = {
    "per_yuan": 1, "joining": 50,
    "events": {"sign_in": {"growth": 2, "per_day": 1}, "material_open": {"growth": 1, "per_day": 3, "per_month": 30}},
}  # fmt: skip
AT_WORK = "SELECT id AS member_id FROM members_member WHERE seat %% 5 < 2 AND birth_year BETWEEN %(low)s AND %(high)s"
BY_HAND = (
    (200, "门店断货致歉补偿"), (500, "会员体验官活动奖励"), (-150, "线下退货未入账，更正"), (80, "问卷调研奖励"),
    (300, "老会员补录历史消费"), (-60, "重复录入订单，更正"),
)  # fmt: skip
TWICE, SAME_CARD = 6, 3  # pairs that look like one person, members who claim a card of another


def rise(*, today: date, at: datetime) -> int:
    """Let HQ record the levels and a scheme that counts from today, assess everybody; how many members moved."""
    if LevelScheme.objects.exists():
        return 0
    rows = [{"code": code, "name": name, "rank": rank} for code, name, rank, _growth in STEPS]
    levels.record(batch=batch_of(IMPORTERS["levels"].sheet, rows), at=at)
    steps = [{"level": code, "growth": growth, **GIVES[code]} for code, _name, _rank, growth in STEPS]
    terms = {"window_months": 12, "grace_days": 30, "growth": GROWTH, "levels": steps}
    chief = User.objects.get(username="hq")
    scheme = level_schemes.keep(terms=terms, note="首版等级方案", at=at, by=chief)
    level_schemes.publish(scheme=scheme, starts_on=today, at=at, by=chief)
    leveling.assess_all(as_of=today, at=at)
    _make_good(at=at, by=chief)
    draft = [{**step, "growth": int(step["growth"]) * 4 // 5} for step in steps]
    level_schemes.keep(terms={**terms, "levels": draft}, note="门槛下调两成（草案）", at=at, by=chief)
    return Member.objects.filter(level__isnull=False).count()


def _make_good(*, at: datetime, by: User) -> None:
    """Give and take some growth by hand, with the reasons such things have."""
    members = Member.objects.filter(level__isnull=False).order_by("seat")[: len(BY_HAND)]
    for number, (member, (growth, reason)) in enumerate(zip(members, BY_HAND, strict=False), 1):
        level_schemes.adjust(member=member, growth=growth, reason=reason, key=f"demo:{number}", at=at, by=by)


def sort_out(*, today: date, at: datetime) -> int:
    """Keep the example rules, say who is at work, and apply the rules; how many members carry a tag of theirs."""
    made = tag_rules.add_examples(at=at)
    if not made:
        return 0
    with transaction.atomic():
        sql.temporary("tmp_at_work", AT_WORK, {"low": today.year - 60, "high": today.year - 20})
        tags.put_on(tag=Tag.objects.get(name="上班族"), members="tmp_at_work", at=at)
    return sum(tag_rules.apply(rule=rule, as_of=today, at=at).put_on for rule in made)


def meet_twice(*, at: datetime) -> int:
    """Let some come in a second time under another number, look for them, and merge the first; how many pairs."""
    if Duplicate.objects.exists():
        return 0
    known = list(Member.objects.exclude(phone="").exclude(birth_year=None).order_by("seat")[: TWICE + 2 * SAME_CARD])
    twice, holders = known[:TWICE], known[TWICE : TWICE + SAME_CARD]
    rows = [_again(row, number) for number, row in enumerate(twice)]
    members.record(batch=batch_of(IMPORTERS["members"].sheet, rows), at=at)
    for number, (holder, other) in enumerate(zip(holders, known[TWICE + SAME_CARD :], strict=True)):
        for one in (holder, other):
            claims.state(member=one, kind="card", value=f"VIP{number:06}", source="crm", at=at)
    duplicates.find(at=at)
    first = Duplicate.objects.filter(low=twice[0]).order_by("pk").first()
    if first:
        merges.merge(member=first.high, into=first.low, reason="门店核实为同一人", at=at)
    return Duplicate.objects.count()


def _again(row: Member, number: int) -> dict[str, Any]:
    """Write a member as a second system knows her: half of them by phone, the others by name and birthday alone."""
    said: dict[str, Any] = {
        "member_no": f"WX{number:05}", "name": row.name, "source": "order_page",
        "birthday": f"{row.birth_year}-{row.birth_month:02}-{row.birth_day:02}",
        "birthday_calendar": row.birthday_calendar,
        "joined_at": row.joined_at.isoformat(),
    }  # fmt: skip
    return {**said, "phone": row.phone} if number % 2 == 0 else said
