"""A brand's settings as they are declared: what each means, what it may hold, what a change does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from newretail.kernel.holding import are_spans, are_two_spans, is_cuts, is_months
from newretail.kernel.money import MAX_CENTS
from newretail.kernel.numbers import SIGNS

MOST = 100_000
LAST_FIRST_DAY = 28  # a month that begins on the 29th would be missing in February
Shape = Literal["whole", "cents", "months", "cuts", "choice", "zone", "spans"]


def _is_within(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _is_cents_or_none(value: Any) -> bool:
    return value is None or _is_within(0, MAX_CENTS)(value)


def _is_zone(value: Any) -> bool:
    return isinstance(value, str) and value in available_timezones()


@dataclass(frozen=True)
class Declared:
    """A setting: its default, what it may hold; for people its name, meaning, allowed values, effect of a change.

    `of_tenant`: the value stands in the brand's own row, in this field, and is fixed once the brand trades.
    """

    default: Any
    holds: Callable[[Any], bool]
    shape: Shape
    group: Any
    name: Any
    says: Any
    allowed: Any
    effect: Any
    choices: tuple[tuple[str, Any], ...] = ()
    unit: Any = "%(n)s"
    of_tenant: str = ""


def _one_of(*choices: tuple[str, Any]) -> dict[str, Any]:
    codes = {code for code, _label in choices}
    return {
        "shape": "choice", "choices": choices, "allowed": _("one of those listed"),
        "holds": lambda value: isinstance(value, str) and value in codes,
    }  # fmt: skip


def _whole(low: int, high: int, unit: Any, allowed: Any) -> dict[str, Any]:
    return {"shape": "whole", "unit": unit, "allowed": allowed, "holds": _is_within(low, high)}


PRIVACY = _("Personal data")
SYSTEMS = _("Other systems")
CALENDAR, MEMBERSHIP, SCORING, GATE, SERVING = (
    _("Money and calendar"),
    _("Membership"),
    _("RFM and core customers"),
    _("Store gate"),
    _("Guides and their customers"),
)
NEXT_SCORING = _("At the next scoring, in the coming night or when a scoring is run by hand.")
AT_ONCE = _("At once.")
NEXT_PLAN = _("For weeks planned from then on.")
FIXED = _("At once; fixed as soon as the first member or order is recorded, because past days and amounts rest on it.")
UP_TO_MOST = _("a whole number from 1 to 99,999")
UNSAID = (
    ("service", "allowed", _("Service notices, nothing said")),
    ("care", "refused", _("Care and greetings, nothing said")),
    ("marketing", "refused", _("Offers and news, nothing said")),
    ("personalisation", "refused", _("Offers chosen for her, nothing said")),
    ("profiling", "refused", _("Evaluation of her purchases, nothing said")),
)


def _unsaid(default: str, name: Any) -> Declared:
    return Declared(
        default=default, group=PRIVACY, name=name,
        says=_("What holds for a member who neither gave nor withdrew this consent."), effect=AT_ONCE,
        **_one_of(("allowed", _("allowed")), ("refused", _("not allowed"))),
    )  # fmt: skip


# Money in integer cents, days and months whole, bounds half-open.
DECLARED: dict[str, Declared] = {
    "zone": Declared(
        default="Asia/Shanghai", holds=_is_zone, shape="zone", group=CALENDAR, of_tenant="time_zone",
        name=_("Time zone"),
        says=_("Decides on which business day an order or a joining falls, and when night jobs run."),
        allowed=_("a zone of the IANA table, such as Asia/Shanghai"), effect=FIXED,
    ),
    "currency": Declared(
        default="CNY", group=CALENDAR, of_tenant="currency", name=_("Currency"),
        says=_("The currency of every amount; amounts are kept in its hundredth part."), effect=FIXED,
        **_one_of(*((code, f"{code} {sign}") for code, sign in SIGNS.items())),
    ),
    "month_first_day": Declared(
        default=1, group=CALENDAR, name=_("First day of the business month"),
        says=_("The day on which “this month” begins on the overview, where the books are closed on another day than"
               " the last."),
        effect=AT_ONCE, **_whole(1, LAST_FIRST_DAY, "%(n)s", _("a whole number from 1 to 28")),
    ),
    "year_first_month": Declared(
        default=1, group=CALENDAR, name=_("First month of the fiscal year"),
        says=_("The month with which the fiscal year begins, on the first day of the business month: the year of"
               " targets and its quarters run from it."),
        effect=AT_ONCE, **_whole(1, 12, _("month %(n)s"), _("a whole number from 1 to 12")),
    ),
    "programme_phase": Declared(
        default="growing", group=MEMBERSHIP, name=_("Phase of the programme"),
        says=_("Where the membership programme stands; it decides which figures stand first on the overview: recruits"
               " in the first year, repeat purchases while it grows, core customers once it is steady."),
        effect=AT_ONCE,
        **_one_of(("starting", _("starting")), ("growing", _("growing")), ("steady", _("steady"))),
    ),
    "lifecycle_months": Declared(
        default=[3, 6, 9, 12], holds=is_months, shape="months", group=MEMBERSHIP, unit=_("%(n)s months"),
        name=_("Bounds of the lifecycle"),
        says=_("Completed months since the last purchase (or since joining) at which wake, win-back, dormant and lost"
               " begin."),
        allowed=_("four rising whole numbers from 1 to 120"), effect=NEXT_SCORING,
    ),
    "new_days": Declared(
        default=90, group=MEMBERSHIP, name=_("New customer for"),
        says=_("One purchase within so many days makes a new customer, one longer ago a one-timer."),
        effect=NEXT_SCORING, **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "coupon_approval_cents": Declared(
        default=5_000_000, shape="cents", holds=_is_within(0, MAX_CENTS), group=MEMBERSHIP,
        name=_("Coupons: a second person from"),
        says=_("A coupon plan whose coupons together take off more than this is approved by a second person before it"
               " issues; one whose discount nothing bounds always is."),
        allowed=_("an amount with at most two decimals"), effect=AT_ONCE,
    ),
    "points_return_days": Declared(
        default=7, group=MEMBERSHIP, name=_("Return window of points"),
        says=_("What an order earns is pending for so many days from the day of payment; then it may be spent."),
        effect=_("For orders counted from then on."),
        **_whole(0, 365, _("%(n)s days"), _("a whole number from 0 to 365")),
    ),
    "points_granted_days": Declared(
        default=365, group=MEMBERSHIP, name=_("Granted points are valid for"),
        says=_("Points that are granted or adjusted by hand, not earned by an order, expire after so many days."),
        effect=_("For points granted from then on."), **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "gift_pickup_days": Declared(
        default=14, group=MEMBERSHIP, name=_("Gifts wait to be picked up for"),
        says=_("A gift ordered for points is kept in its store for so many days after the day of the order; then the"
               " order lapses, and the points go back. A gift may say another number of days."),
        effect=_("For orders placed from then on."),
        **_whole(1, 365, _("%(n)s days"), _("a whole number from 1 to 365")),
    ),
    "points_member_day": Declared(
        default=18, group=MEMBERSHIP, name=_("Member day"),
        says=_("The day of the month on which earn rules for member day count."),
        effect=_("For orders counted from then on."),
        **_whole(1, 31, _("day %(n)s"), _("a whole number from 1 to 31")),
    ),
    "rfm_cuts": Declared(
        default=None, holds=is_cuts, shape="cuts", group=SCORING, name=_("RFM cuts"),
        says=_("Four cut values each for the last day of purchase, the number of purchases and the amount of a year; a"
               " score is one more than the number of cuts a value exceeds. Left empty, the quintiles of the buyers."),
        allowed=_("for each line four rising values, or none"), effect=NEXT_SCORING,
    ),
    "super_orders": Declared(
        default=3, group=SCORING, name=_("Super customer: purchases"),
        says=_("A super customer has at least so many purchases within 365 days …"),
        effect=NEXT_SCORING, **_whole(1, MOST - 1, _("%(n)s purchases"), UP_TO_MOST),
    ),
    "super_cents": Declared(
        default=None, holds=_is_cents_or_none, shape="cents", group=SCORING, name=_("Super customer: amount"),
        says=_("… and at least this amount. Left empty, the 80th percentile of the buyers, found anew each scoring."),
        allowed=_("an amount with at most two decimals, or nothing"), effect=NEXT_SCORING,
    ),
    "core_days": Declared(
        default=90, group=SCORING, name=_("Core customers observed for"),
        says=_("Who was a super customer so many days ago is a core customer; kept when she bought again since."),
        effect=_("At the next measuring, in the coming night."), **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "gate_members": Declared(
        default=2000, group=GATE, name=_("Gate: members"),
        says=_("So many members a store has at least before it leaves recruiting (拉新) for precise operation (精准)."),
        effect=AT_ONCE, **_whole(0, 10_000_000, _("%(n)s members"), _("a whole number from 0 to 10,000,000")),
    ),
    "gate_sales_cents": Declared(
        default=800_000, shape="cents", holds=_is_within(0, MAX_CENTS), group=GATE, name=_("Gate: sales of a month"),
        says=_("… so much its members bring in a month …"),
        allowed=_("an amount with at most two decimals"), effect=AT_ONCE,
    ),
    "gate_repeat_buyers": Declared(
        default=100, group=GATE, name=_("Gate: repeat buyers"),
        says=_("… and so many members bought twice or more."),
        effect=AT_ONCE, **_whole(0, 10_000_000, _("%(n)s members"), _("a whole number from 0 to 10,000,000")),
    ),
    "gate_needs": Declared(
        default="all", group=GATE, name=_("Gate: how many of the three"),
        says=_("Whether a store passes when all three are reached, or any one."), effect=AT_ONCE,
        **_one_of(("all", _("all three")), ("any", _("any one"))),
    ),
    "gate_basis": Declared(
        default="members", group=GATE, name=_("Gate: whose sales count"),
        says=_("Whether the gate's sales are those to members, or all sales of the store."), effect=AT_ONCE,
        **_one_of(("members", _("sales to members")), ("all", _("all sales"))),
    ),
    "gate_refined_times": Declared(
        default=5, group=GATE, name=_("Gate into 精细"),
        says=_("The gate from precise (精准) into refined operation (精细) is the first gate so many times over."),
        effect=AT_ONCE, **_whole(1, 1000, _("%(n)s times"), _("a whole number from 1 to 1,000")),
    ),
    "bond_mode": Declared(
        default="first", group=SERVING, name=_("Whose customer she is"),
        says=_("What becomes of a member who is served by a guide and adds another one: she stays with the first, goes"
               " to the other once her lock is over, or always goes to the last."),
        effect=_("For customers added from then on."),
        **_one_of(("first", _("the first guide's")), ("locked", _("the last guide's, after a lock")),
                  ("free", _("the last guide's"))),
    ),
    "bond_lock_days": Declared(
        default=90, group=SERVING, name=_("A new customer is locked for"),
        says=_("So many days a customer stays with the guide who added her, where customers are locked."),
        effect=_("For customers added from then on."), **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "escalation_hours": Declared(
        default=24, group=SERVING, name=_("An escalation is answered within"),
        says=_("Who is to answer a problem that a guide took up has so many hours; then it is handed one level up."),
        effect=_("For escalations raised or handed up from then on."),
        **_whole(1, 720, _("%(n)s hours"), _("a whole number from 1 to 720")),
    ),
    "shift_kinds": Declared(
        default=["早班 09:00-15:00", "晚班 15:00-22:00"], holds=are_spans, shape="spans", group=SERVING,
        name=_("Shifts"),
        says=_("The shifts of which managers make the rosters of their stores. One that ends before it begins ends on"
               " the next day."),
        allowed=_("up to 8 names with their hours, such as 早班 09:00-15:00; 晚班 15:00-22:00"),
        effect=_("For days planned from then on."),
    ),
    "appointments_at_once": Declared(
        default=1, group=SERVING, name=_("Appointments of a guide at once"),
        says=_("So many appointments a guide may have at the same time."),
        effect=_("For appointments booked from then on."),
        **_whole(1, 50, "%(n)s", _("a whole number from 1 to 50")),
    ),
    "share_order_days": Declared(
        default=7, group=SERVING, name=_("Orders after a shared link"),
        says=_("An order paid within so many days after its buyer opened a link that a guide shared is counted as"
               " brought by it."),
        effect=AT_ONCE, **_whole(1, 90, _("%(n)s days"), _("a whole number from 1 to 90")),
    ),
    "guide_coupons_a_month": Declared(
        default=20, group=SERVING, name=_("Coupons a guide hands out a month"),
        says=_("A guide hands her customers at most so many coupons in a month, where nothing else is set for her."),
        effect=AT_ONCE, **_whole(0, 10_000, _("%(n)s coupons"), _("a whole number from 0 to 10,000")),
    ),
    "guide_calls": Declared(
        default="on", group=SERVING, name=_("Guides call their customers"),
        says=_("Whether a guide is shown the number of her own customer to call her for a task; each time is kept and"
               " counts among the whole phones shown to her that day."),
        effect=AT_ONCE, **_one_of(("on", _("shown for a task")), ("off", _("never shown"))),
    ),
    "pool_quiet_days": Declared(
        default=180, group=SERVING, name=_("A customer goes back to the pool after"),
        says=_("Who was neither contacted nor bought for so many days goes back to the pool, unless she is locked."),
        effect=_("When the pool is worked next."), **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "pool_rule": Declared(
        default="load", group=SERVING, name=_("How the pool is allocated"),
        says=_("Members without a guide are given to the guides of their store: as many to each, or first to who has"
               " fewest customers."),
        effect=_("When the pool is worked next."),
        **_one_of(("evenly", _("as many to each")), ("load", _("to who has fewest first"))),
    ),
    "pool_place": Declared(
        default="home", group=SERVING, name=_("Which store serves the pool"),
        says=_("Whose guides get a member without a guide: those of her home store, or of the store where she last"
               " bought, and where nobody serves there, of the store nearest to it."),
        effect=_("When the pool is worked next."),
        **_one_of(("home", _("her home store")), ("near", _("where she last bought, else the nearest"))),
    ),
    "pool_nightly": Declared(
        default="off", group=SERVING, name=_("The pool is worked by night"),
        says=_("Whether customers go back to the pool and are given to guides each night, or only by hand."),
        effect=_("In the coming night."), **_one_of(("off", _("by hand alone")), ("on", _("each night"))),
    ),
    "moments_product_posts": Declared(
        default=4, group=SERVING, name=_("Moments: days about products"), says=_("So many days a week …"),
        effect=NEXT_PLAN, **_whole(1, 5, _("%(n)s days"), _("a whole number from 1 to 5")),
    ),
    "moments_life_posts": Declared(
        default=2, group=SERVING, name=_("Moments: days about life"), says=_("… and so many days about life."),
        effect=NEXT_PLAN, **_whole(0, 2, _("%(n)s days"), _("a whole number from 0 to 2")),
    ),
    "touch_brand_holdout": Declared(
        default=0, group=SERVING, name=_("Held out of all marketing"), effect=_("For touches claimed from then on."),
        says=_("This share of members, drawn anew each year, gets no offers by any plan, so that all of marketing"
               " together can be measured. What is promised and service notices go out."),
        **_whole(0, 2_000, _("%(n)s of 10,000 members"), _("a whole number from 0 to 2,000")),
    ),
    "moments_last_two": Declared(
        default="weekly", group=SERVING, name=_("Moments: the last 2 of 4+2+2"), effect=NEXT_PLAN,
        says=_("A second post on two days of the week, or on each of its days, at the other best time."),
        **_one_of(("weekly", _("twice a week")), ("daily", _("two times a day"))),
    ),
    "moments_brand_posts": Declared(
        default=1, group=SERVING, name=_("Moments: brand advertising in a week"), effect=NEXT_PLAN,
        says=_("How often a week's plan has brand advertising; a guide never posts it more than once a week."),
        **_whole(0, 1, _("%(n)s times"), _("0 or 1")),
    ),
    "moments_hours": Declared(
        default=["中午 11:30-14:00", "晚间 20:00-23:30"], holds=are_two_spans, shape="spans", group=SERVING,
        name=_("Moments: best times"), says=_("Noon and evening, when posts are seen most."), effect=NEXT_PLAN,
        allowed=_("two spans of a day with a name each, such as 中午 11:30-14:00; 晚间 20:00-23:30"),
    ),
    "event_days": Declared(
        default=400, group=PRIVACY, name=_("Events of members kept for"),
        says=_("What members did elsewhere, as other systems told it, is forgotten after so many days."),
        effect=_("In the coming night."), **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "parked_refund_days": Declared(
        default=30, group=MEMBERSHIP, name=_("Refunds wait for their order"),
        says=_("A refund that another system sent before its order waits for it so many days, then stands as expired."),
        effect=_("In the coming night."), **_whole(1, MOST - 1, _("%(n)s days"), UP_TO_MOST),
    ),
    "phone_reveals_each_day": Declared(
        default=50, group=PRIVACY, name=_("Whole phones shown a day"),
        says=_("A person is shown at most so many whole phones in a business day, each for a reason that is kept."),
        effect=AT_ONCE, **_whole(1, MOST - 1, _("%(n)s phones"), UP_TO_MOST),
    ),
    **{f"consent_unsaid_{purpose}": _unsaid(default, name) for purpose, default, name in UNSAID},
    "erased_orders": Declared(
        default="without_member", group=PRIVACY, name=_("Orders of erased persons"),
        says=_("What becomes of an order that comes in with the phone of a person who was erased."), effect=AT_ONCE,
        **_one_of(("without_member", _("without a member")), ("fresh_member", _("may make a fresh member"))),
    ),
    "consent_link_days": Declared(
        default=7, group=PRIVACY, name=_("Link to a member's page holds for"),
        says=_("So many days a link leads to the page on which a member sees and changes her consents."),
        effect=_("For links issued from now on."), **_whole(1, 90, _("%(n)s days"), _("a whole number from 1 to 90")),
    ),
    "enrol_payers": Declared(
        default="enrol", group=MEMBERSHIP, name=_("Payers whom nobody knows"),
        says=_("What becomes of an order of another system whose phone, number or other identity nobody knows. For a"
               " file, whoever hands it in says."),
        effect=_("For orders that come from now on."),
        **_one_of(("enrol", _("become members")), ("nameless", _("the order comes in without a member")),
                  ("refuse", _("the order is refused"))),
    ),
    "merge_by_itself": Declared(
        default="never", group=MEMBERSHIP, name=_("Merges by itself"),
        says=_("Which pairs of members are merged without asking: none, those by a claimed phone, or by any identity."),
        effect=_("In the coming night."),
        **_one_of(("never", _("none")), ("phone", _("by phone")), ("identity", _("by any identity"))),
    ),
    "mfa_required": Declared(
        default="off", group=PRIVACY, name=_("Second factor asked for"),
        says=_("HQ operators and auditors sign in with a code from their phone beside the password; before one is set"
               " up, nothing but that page opens."),
        effect=AT_ONCE, **_one_of(("off", _("not asked for")), ("on", _("asked for"))),
    ),
    "webhook_kept_days": Declared(
        default=30, group=SYSTEMS, name=_("Messages kept for"),
        says=_("Messages to and from other systems are kept so long, with every attempt and answer; then they go."),
        effect=_("In the coming night."), **_whole(4, 365, _("%(n)s days"), _("a whole number from 4 to 365")),
    ),
    "webhook_failing_days": Declared(
        default=5, group=SYSTEMS, name=_("Endpoint disabled after"),
        says=_("An endpoint at which nothing arrives for so many days is disabled; half of that time before, HQ is"
               " warned."),
        effect=AT_ONCE, **_whole(1, 30, _("%(n)s days"), _("a whole number from 1 to 30")),
    ),
}  # fmt: skip
