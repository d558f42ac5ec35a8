"""The rows that every address of the brand acme may name, and which of them a person of SH01 may see."""

from collections.abc import Callable
from datetime import date, time
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from analytics.models import Contest
from campaigns.actions import channels, snapshots
from guides.actions import (
    bonds,
    commission_months,
    commissions,
    credits,
    escalations,
    evidence,
    policies,
    task_rules,
)
from guides.actions.credits import Claim
from guides.actions.escalations import Problem
from guides.actions.notices import Attached
from guides.models import (
    CommissionAccount,
    CommissionEntry,
    CommissionStatement,
    Credit,
    CreditDispute,
    Escalation,
    Feedback,
    Material,
    MomentPost,
    MomentSlot,
    Notice,
    NoticeReceipt,
    Sample,
    Share,
    SurveyAnswer,
    Task,
)
from guides.queries import level_proposals
from members.actions import caps, earn_rules, level_schemes, leveling, levels, merges, persons, phones, points, refunds
from members.actions.earn_rules import Terms
from members.actions.points import Name
from members.importers import LEVELS, REFUNDS
from members.models import (
    Coupon,
    Event,
    GiftOrder,
    GrowthAdjustment,
    LevelMove,
    Member,
    Order,
    PointsAccount,
    PointsEntry,
)
from newretail.kernel.actions import endpoints, holidays, settings, sources, uploads
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import Delivery, Endpoint, ExportFile, InboxSource, Upload
from stores.models import Post, Region, Store
from tests import contesting, moments, noticing, paying, sampling, serving, sharing, sights, surveying, visits, world
from tests import coupons as coupon_cast
from tests import gifts as gift_cast
from tests.api import machines
from tests.campaigns import casting, planning
from tests.members import consenting
from tests.platform.test_isolation import plant
from tests.scopes import addresses

OF_BETA, OF_GZ, OF_SH = "Betabird", "Southbird", "Eastbird"  # another brand, a foreign store, the person's own
PHONES = {OF_SH: "13900000001", OF_GZ: "13900000002"}


def shop(word: str, code: str, region: str, city: str) -> None:
    """A store with a member and an order, each carrying a word."""
    world.stores({"code": code, "name": f"{word}店", "region": region, "city": city})
    world.staff({"staff_no": f"{word}M", "name": f"{word}长", "store_code": code, "role": "manager"})
    world.people({"member_no": f"{word}V", "name": f"{word}妹", "phone": PHONES[word], "store_code": code,
                  "birthday": "1991-03-17", "tags": f"{word}客", "joined_at": "2026-06-01"})  # fmt: skip
    world.saw({"event_no": f"{word}E", "member_no": f"{word}V", "subject": f"{word}页"})
    earn_rules.put(code="base", terms=Terms(name="基础积分", from_on=sights.TODAY, points_per_yuan=1), at=world.NOW)
    points.earn(member=Member.objects.get(member_no=f"{word}V"), points=107, name=Name("mall", word), at=world.NOW)
    world.buy(world.order(f"{word}A", "9.90", "2026-06-10", member_no=f"{word}V", store_code=code))


def uploaded() -> None:
    """A file that waits for its trial."""
    upload = uploads.take(kind="products", source="", enrol=False, file_name="p.csv", stored="none", digest="d", size=1,
                          header=["sku", "name"], at=world.NOW, by=None)  # fmt: skip
    uploads.map_columns(upload=upload, columns={"sku": "sku", "name": "name"}, sheet=IMPORTERS["products"].sheet,
                        at=world.NOW, by=None)  # fmt: skip


def twins() -> None:
    """A merge, and two members of whom one claims the card of the other."""
    world.people({"member_no": "Z1", "card_no": "K1"}, {"member_no": "Z2", "card_no": "K1"}, {"member_no": "Z3"})
    merges.merge(member=world.member("Z3"), into=world.member("Z1"), reason="一人", at=world.NOW)


def partners() -> None:
    """An endpoint that was told something, a source of messages."""
    told = endpoints.add(url="https://hooks.example.com/", at=world.NOW, by=None).endpoint
    endpoints.ping(endpoint=told, at=world.NOW, by=None)
    sources.add(code="mall", account=machines.account("mall"), kinds={"a": "orders"}, at=world.NOW, by=None)


def parked() -> None:
    """A refund that waits for its order."""
    row = {"source": "pos", "order_no": "none", "refund_no": "R9", "amount": "1", "refunded_at": "2026-06-11"}
    refunds.record(batch=batch_of(REFUNDS, [row]), at=world.NOW, park=True)


def known() -> None:
    """What HQ keeps beside its shops: levels, holidays, settings; a phone somebody looked at."""
    seen = Member.objects.get(name=f"{OF_SH}妹")
    phones.reveal(member=seen, reason="other", note="回访", at=world.NOW, by=sights.person("hq"))
    levels.record(batch=batch_of(LEVELS, [{"code": "G", "name": "金卡", "rank": 1}]), at=world.NOW)
    steps = [{"level": "G", "growth": 0}]
    scheme = level_schemes.keep(terms={"window_months": 12, "grace_days": 30, "levels": steps}, at=world.NOW)
    level_schemes.publish(scheme=scheme, starts_on=sights.TODAY, at=world.NOW)
    for number in (f"{OF_SH}V", f"{OF_GZ}V"):
        level_schemes.adjust(member=world.member(number), growth=7, reason="补", key=number, at=world.NOW)
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    holidays.fill(first_year=2026, last_year=2026, at=world.NOW)
    settings.put(key="new_days", value=60, at=world.NOW)


def consented() -> None:
    """A wording, a consent under it, a touch with what limits it, and a request of hers."""
    seen = Member.objects.get(name=f"{OF_SH}妹")
    consenting.texts()
    consenting.say(consenting.row(seen.member_no))
    consenting.plan(numbers=[seen.member_no])
    caps.keep(code="year", name="年度", limit=caps.Limit(span="year", most=9, target=1), at=world.NOW)
    caps.keep_quiet(channel="sms", starts=time(21), ends=time(9), at=world.NOW)
    channels.connect(channel="sms", carrier="sandbox", terms={}, at=world.NOW)
    planning.planned(planning.live())
    persons.request(member=seen, kind="export", at=world.NOW)


def ordered() -> None:
    """A gift, ordered by a member of each shop to be picked up there."""
    gift_cast.gift()
    gift_cast.gift(store="GZ01")
    for word, store in ((OF_SH, "SH01"), (OF_GZ, "GZ01")):
        gift_cast.place(f"{word}A", f"{word}V", store, source="pos")


def noticed() -> None:
    """A notice to each shop, with a file."""
    for word, store in ((OF_SH, "SH01"), (OF_GZ, "GZ01")):
        file = Attached(f"{word}.pdf", "pdf", b"%PDF-")
        noticing.send(noticing.stores(store), title=f"{word}告", files=[file], by=sights.person("hq"))


def escalated() -> None:
    """A problem taken up in each shop, by its manager."""
    for word in (OF_SH, OF_GZ):
        post = Post.objects.get(user__staff_no=f"{word}M")
        problem = Problem(f"{word}难", f"{word}话", post)
        escalations.begin(ref=uuid4(), problem=problem, at=world.NOW, by=post.user)


def shared() -> None:
    """Posters: one that every store may use, one of the store in Guangzhou alone."""
    sharing.material("TEA", kind="poster", picture=sharing.picture())
    south = Store.objects.get(code="GZ01").pk
    sharing.material("SOUTH", title=f"{OF_GZ}报", kind="poster", picture=sharing.picture(), stores=[south])
    for word, code in ((OF_SH, "TEA"), (OF_GZ, "SOUTH")):
        sharing.share(code, f"{word}M")


def visited() -> None:
    """A visit to the manager of each shop."""
    for word in (OF_SH, OF_GZ):
        visits.book(f"{word}V", f"{word}M", word)


def posted() -> None:
    """A week of Moments in each shop, and a post of its guide."""
    for word, code in ((OF_SH, "SH01"), (OF_GZ, "GZ01")):
        world.staff({"staff_no": f"{word}P", "name": f"{word}购", "store_code": code, "role": "guide"})
    moments.propose()
    for word, code in ((OF_SH, "SH01"), (OF_GZ, "GZ01")):
        moments.record(moments.slot(1, code), f"{word}P")


def tasked() -> None:
    """The rules that give tasks, and a task of each shop, with its photo."""
    task_rules.add_examples(at=world.NOW)
    for word in (OF_SH, OF_GZ):
        wants = serving.brief(wants_evidence=True)
        task = serving.give(f"{word}V", f"{word}M", f"tests:{word}", brief=wants)
        photo = {"photo": sharing.picture(), "at": world.NOW, "by": serving.guide(f"{word}M")}
        evidence.add(task=task.ref, within=[task.post_id], **photo)


def asked() -> None:
    """A survey that a member of each shop answered, what she said without being asked, a sample."""
    sampling.campaign(sku="ElsewhereP")
    for word in (OF_GZ, OF_SH):  # the newest touch is the own store's
        surveying.reply(
            surveying.task(f"{word}V", f"{word}M", f"tests:survey:{word}"), {1: "5", 3: "1", 5: f"{word}答"}
        )
        post = Post.objects.get(user__staff_no=f"{word}M")
        bonds.bind_one(member=world.member(f"{word}V"), post=post, source="hand", at=world.NOW)
        surveying.heard(f"{word}V", words=f"{word}说")
        sampling.give(f"{word}V", f"{word}M")


def contested() -> None:
    """A contest of each region."""
    for word, name in ((OF_SH, "华东"), (OF_GZ, "华南")):
        region = Region.objects.get(name=name)
        contesting.published(code=word.lower(), name=f"{word}赛", region_id=region.pk)


def ruled() -> None:
    """The shipped level table, counting."""
    kept = policies.keep(kind="levels", terms=level_proposals.table(), at=world.NOW)
    policies.publish(policy=kept, starts_on=sights.TODAY.replace(day=1), at=world.NOW)


def dispute_ref(word: str) -> UUID:
    """The number of the claim raised in a shop."""
    return uuid5(NAMESPACE_OID, word)


def earned() -> None:
    """What a guide of each shop earned in May, computed; of the order the manager says it is hers."""
    paying.rules()
    for word, code in ((OF_SH, "SH01"), (OF_GZ, "GZ01")):
        world.buy(world.order(f"{word}C", "70.00", "2026-05-10", store_code=code, staff_no=f"{word}P"))
        manager = Post.objects.get(user__staff_no=f"{word}M")
        claim = Claim(f"{word}单", sharing.picture("JPEG"))
        credits.dispute(order=Order.objects.get(order_no=f"{word}C"), post=manager, claim=claim,
                        ref=dispute_ref(word), at=world.NOW)  # fmt: skip
    commissions.settle_days(first=date(2026, 5, 1), last=sights.TODAY, at=world.NOW)
    commission_months.compute(month=date(2026, 5, 1), at=world.NOW)


def segmented() -> None:
    """A segment that holds members of both shops, and a snapshot of it."""
    anybody = {"field": "member.joined_days", "op": "at_least", "value": 0}
    snapshots.take(segment=casting.kept(anybody), name="六月", at=world.NOW)


def build() -> None:
    """Two shops whose words tell them apart, and a row of every other noun."""
    shop(OF_SH, "SH01", "华东", "上海")
    shop(OF_GZ, "GZ01", "华南", "广州")
    plant("Elsewhere")
    coupon_cast.given(f"{OF_SH}V", f"{OF_GZ}V", at_home=True)
    coupon_cast.draft("OURS", stores=[Store.objects.get(code="SH01").pk])
    sights.night()
    for more in (
        uploaded,
        parked,
        ordered,
        twins,
        partners,
        known,
        consented,
        noticed,
        escalated,
        shared,
        tasked,
        posted,
        asked,
        visited,
        contested,
        ruled,
        earned,
        segmented,
    ):
        more()


# The row that carries a word, for each noun.
NAMED: dict[Any, Callable[[str], Any]] = {
    Store: lambda word: Store.objects.get(name=f"{word}店"),
    Member: lambda word: Member.objects.get(name=f"{word}妹"),
    Order: lambda word: Order.objects.get(order_no=f"{word}A"),
    PointsAccount: lambda word: PointsAccount.objects.get(member__member_no=f"{word}V"),
    PointsEntry: lambda word: PointsEntry.objects.get(member__member_no=f"{word}V", kind="earn"),
    Event: lambda word: Event.objects.get(event_no=f"{word}E"),
    GiftOrder: lambda word: GiftOrder.objects.get(order_no=f"{word}A"),
    GrowthAdjustment: lambda word: GrowthAdjustment.objects.get(member__member_no=f"{word}V"),
    LevelMove: lambda word: LevelMove.objects.get(member__member_no=f"{word}V"),
    Material: lambda word: Material.objects.get(code={OF_SH: "TEA", OF_GZ: "SOUTH"}[word]),
    MomentSlot: lambda word: MomentSlot.objects.filter(store__name=f"{word}店").earliest("day"),
    MomentPost: lambda word: MomentPost.objects.get(post__user__staff_no=f"{word}P"),
    Post: lambda word: Post.objects.get(user__staff_no=f"{word}P"),
    Share: lambda word: Share.objects.get(post__user__staff_no=f"{word}M"),
    Escalation: lambda word: Escalation.objects.get(title=f"{word}难"),
    Contest: lambda word: Contest.objects.get(name=f"{word}赛"),
    CommissionAccount: lambda word: CommissionAccount.objects.get(user__staff_no=f"{word}P"),
    CommissionEntry: lambda word: CommissionEntry.objects.get(account__user__staff_no=f"{word}P", kind="accrue"),
    CommissionStatement: lambda word: CommissionStatement.objects.get(account__user__staff_no=f"{word}P"),
    Credit: lambda word: Credit.objects.get(post__user__staff_no=f"{word}P"),
    CreditDispute: lambda word: CreditDispute.objects.get(order_no=f"{word}C"),
    Notice: lambda word: Notice.objects.get(title=f"{word}告"),
    NoticeReceipt: lambda word: NoticeReceipt.objects.filter(notice__title=f"{word}告").first(),
    Sample: lambda word: Sample.objects.get(post__user__staff_no=f"{word}M"),
    SurveyAnswer: lambda word: SurveyAnswer.objects.get(words=f"{word}答"),
    Feedback: lambda word: Feedback.objects.get(words=f"{word}说"),
    Task: lambda word: Task.objects.get(source=f"tests:{word}"),
    Coupon: lambda word: Coupon.objects.filter(member__member_no=f"{word}V").first(),
}


def named(noun: Any, word: str) -> int:
    """The key of the row of a noun that carries this word."""
    return NAMED[noun](word).pk


# What an argument of an address may name, where no list of the admin tells: of the own store, of a foreign one.
EXAMPLES: dict[tuple[str, ...], tuple[list[Any], list[Any]]] = {
    ("code",): (["SH01"], ["GZ01"]),
    ("code", "name"): ([("SH01", "2026-W25")], [("GZ01", "2026-W25")]),
    ("name",): (["华东"], ["华南"]),
    ("name", "who"): ([("华东", "buyers")], [("华南", "buyers")]),
    ("who",): (["buyers"], []),
    ("member_no",): ([f"{OF_SH}V"], [f"{OF_GZ}V"]),
    ("ref",): (["ep_machine"], []),
    ("source", "event_no"): ([("app", f"{OF_SH}E")], [("app", f"{OF_GZ}E")]),
    ("number",): (["d"], []),
    ("name", "as_of"): ([("score_rfm", "2026-06-15")], []),
    ("plan_code",): (["FIVE"], []),
    ("gift_code",): (["CUP"], []),
    ("segment_code",): (["often"], []),
    ("material",): (["TEA"], ["SOUTH"]),
    ("member_no", "tag"): ([(f"{OF_SH}V", f"{OF_SH}客")], [(f"{OF_GZ}V", f"{OF_GZ}客")]),
    ("sku",): (["ElsewhereP"], []),
    ("staff_no",): ([f"{OF_SH}M"], [f"{OF_GZ}M"]),
    ("source", "order_no"): ([("pos", f"{OF_SH}A")], [("pos", f"{OF_GZ}A")]),
    ("month", "staff_no"): ([("2026-05", f"{OF_SH}P")], [("2026-05", f"{OF_GZ}P")]),
    ("claim",): ([str(dispute_ref(OF_SH))], [str(dispute_ref(OF_GZ))]),
    ("month", "staff_no", "nth"): ([("2026-05", f"{OF_SH}P", 1)], [("2026-05", f"{OF_GZ}P", 1)]),
    ("code", "staff_no"): ([("SH01", f"{OF_SH}M")], [("GZ01", f"{OF_GZ}M"), ("SH01", f"{OF_GZ}M")]),
    ("code", "who"): ([("SH01", "birthdays"), ("SH01", "bought")], [("GZ01", "birthdays")]),
}


def named_rows(noun: Any, arguments: tuple[str, ...]) -> Any:
    """An endpoint or a source, with what else its address names: a delivery of it, a deed."""
    row = noun.objects.order_by("pk").first()
    ref = Delivery.objects.filter(endpoint=row.pk).values_list("message__ref", flat=True).first()
    more = {"ref": ref, "deed": "secret"}
    return (row.pk, *(more[name] for name in arguments[1:]))


def rows_of(address: addresses.Address) -> tuple[list[Any], list[Any]]:
    """Rows that an address may name: of the person's own store (or of no store), and of a foreign one."""
    if address.name.startswith("imports:"):
        return [Upload.objects.get().pk], []
    if address.model is None:
        assert address.arguments in EXAMPLES, f"{address.name}: give EXAMPLES of {address.arguments}"
        return EXAMPLES[address.arguments]
    if address.model in NAMED:
        return [named(address.model, OF_SH)], [named(address.model, OF_GZ)]
    if address.model is ExportFile:
        return [1], []
    if address.model in (Endpoint, InboxSource):
        return [named_rows(address.model, address.arguments)], []
    assert address.model.objects.exists(), f"{address.name}: tell tests/scopes/town.py of {address.model.__name__}"
    return [address.model.objects.order_by("pk").last().pk], []
