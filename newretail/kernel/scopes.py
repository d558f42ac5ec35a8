"""Who may do what, and how far: one table of role × resource × action; the code, the admin, jobs and tests read it.

Whatever has no row is nobody's. Which roles a person holds is answered by the floor that knows posts; which rows lie
within a reach is answered by each noun's `.visible_to(user)`.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Literal, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

Role = Literal["hq", "supervisor", "manager", "guide", "auditor", "integrator"]
Resource = Literal[
    "account", "home", "members", "orders", "stores", "regions", "targets", "products", "personal_data",
    "phones", "phone_reveals", "imports", "exports", "job_runs", "journal", "settings", "scopes", "holidays",
    "staff", "levels", "tags", "duplicates", "search", "reviews", "events", "keys", "webhooks", "inbox",
    "coupon_plans", "coupons", "redemptions", "member_codes", "gifts", "gift_orders",
    "gift_pickups", "points", "earn_rules", "member_tags",
    "benefits", "consents", "consent_texts", "touches", "touch_caps", "persons", "identities",
    "own_work", "tasks", "bonds",
    "notices", "escalations", "entry_passes",
    "materials", "surveys", "samples", "moments",
    "task_rules", "contests",
    "shifts", "appointments",
    "guide_policies", "guide_levels", "guide_pay",
    "segments", "channels", "touch_plans",
]  # fmt: skip
Action = Literal["view", "export", "change", "approve", "run", "reveal"]


class Reach(IntEnum):
    """How far a right goes; the wider holds more."""

    NONE = 0
    OWN = 1
    STORE = 2
    REGION = 3
    BRAND = 4

    @property
    def word(self) -> Any:
        """Say the reach in the language at work."""
        return _WORDS[self]


_WORDS = {
    Reach.NONE: _("nothing"),
    Reach.OWN: _("her own"),
    Reach.STORE: _("her stores"),
    Reach.REGION: _("her regions"),
    Reach.BRAND: _("the whole brand"),
}
NONE, OWN, STORE, REGION, BRAND = Reach


class Row(NamedTuple):
    """One right: what is done to what, and how far each role reaches."""

    resource: Resource
    action: Action
    hq: Reach
    supervisor: Reach
    manager: Reach
    guide: Reach
    auditor: Reach
    integrator: Reach

    def reach(self, role: str) -> Reach:
        """Give how far a role reaches here; an unknown role reaches nothing."""
        return getattr(self, role) if role in ROLES else NONE


ROLES: tuple[Role, ...] = ("hq", "supervisor", "manager", "guide", "auditor", "integrator")
# Those who see the whole brand sign in with a second factor where the brand asks for it (setting `mfa_required`).
SECOND_FACTOR: frozenset[Role] = frozenset({"hq", "auditor"})

ROLE_WORDS: dict[str, Any] = {
    "hq": _("HQ operator"),
    "supervisor": _("supervisor"),
    "manager": _("store manager"),
    "guide": _("guide"),
    "auditor": _("auditor"),
    "integrator": _("integrator"),
}

RESOURCE_WORDS: dict[Resource, Any] = {
    "consents": _("consents"), "consent_texts": _("consent texts"), "touches": _("touches"),
    "touch_caps": _("caps of touches and quiet hours"),
    "persons": _("requests, copies and erasure of persons"),
    "account": _("her own account"), "home": _("the overview"), "members": _("members"), "orders": _("orders"),
    "stores": _("stores"), "regions": _("regions compared"), "targets": _("targets"), "products": _("products"),
    "personal_data": _("names and birthdays of members"), "phones": _("whole phones"),
    "phone_reveals": _("phone reveals"), "imports": _("imports"), "exports": _("exported files"),
    "job_runs": _("job runs"), "journal": _("journal"), "settings": _("brand settings"), "scopes": _("this table"),
    "holidays": _("holidays"), "staff": _("staff and accounts"), "levels": _("levels"), "tags": _("tags"),
    "duplicates": _("duplicates, merges and claims"),
    "member_tags": _("tags of members"), "benefits": _("growth and benefits of members"),
    "reviews": _("weekly reviews"),
    "search": _("the search box"), "events": _("events of members"), "keys": _("keys of other systems"),
    "webhooks": _("webhooks"), "inbox": _("messages received"),
    "coupon_plans": _("coupon plans"), "coupons": _("coupons"), "redemptions": _("redemptions of coupons"),
    "member_codes": _("member codes"), "gifts": _("gifts"), "gift_orders": _("gift orders"),
    "gift_pickups": _("picking up of gifts"), "identities": _("identities of members"),
    "points": _("points"), "earn_rules": _("earn rules"),
    "own_work": _("own customers and tasks"), "tasks": _("tasks of guides"), "bonds": _("customers of guides"),
    "task_rules": _("rules that give tasks"), "contests": _("contests between guides"),
    "shifts": _("shifts of guides"), "appointments": _("appointments with guides"),
    "guide_policies": _("what guides are levelled, credited and paid by"), "guide_levels": _("levels of guides"),
    "guide_pay": _("credits and commission of guides"),
    "segments": _("segments"), "channels": _("connections of channels and their outboxes"),
    "touch_plans": _("touch plans and what they brought"),
    "entry_passes": _("codes by which guides sign in"),
    "notices": _("notices to guides"), "escalations": _("escalations of guides"),
    "materials": _("materials and what came of them"),
    "samples": _("samples given to try"),
    "surveys": _("surveys, and what customers said"),
    "moments": _("the plan of Moments and its posts"),
}  # fmt: skip
ACTION_WORDS: dict[Action, Any] = {
    "view": _("see"), "export": _("take out as a file"), "change": _("change"), "approve": _("approve"),
    "run": _("run"), "reveal": _("be shown"),
}  # fmt: skip

TABLE: tuple[Row, ...] = (
    #    resource         action     hq     supervisor manager guide auditor integrator
    Row("account",       "view",    OWN,   OWN,       OWN,    OWN,  OWN,    NONE),
    Row("account",       "change",  OWN,   OWN,       OWN,    OWN,  OWN,    NONE),
    Row("home",          "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("members",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("members",       "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("members",       "change",  NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("orders",        "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("orders",        "change",  NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("orders",        "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("points",        "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("points",        "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("points",        "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("earn_rules",    "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("earn_rules",    "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("earn_rules",    "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("events",        "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("events",        "change",  NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("stores",        "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("stores",        "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("stores",        "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("regions",       "view",    BRAND, REGION,    NONE,   NONE, BRAND,  NONE),
    Row("regions",       "export",  BRAND, REGION,    NONE,   NONE, BRAND,  NONE),
    Row("reviews",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("reviews",       "change",  BRAND, NONE,      STORE,  NONE, NONE,   NONE),
    Row("targets",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("targets",       "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("targets",       "change",  BRAND, REGION,    STORE,  NONE, NONE,   NONE),
    Row("products",      "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  BRAND),
    Row("products",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("products",      "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("search",        "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("staff",         "view",    BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("staff",         "export",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("staff",         "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("levels",        "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  BRAND),
    Row("levels",        "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("levels",        "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("tags",          "view",    BRAND, NONE,      NONE,   NONE, BRAND,  BRAND),
    Row("tags",          "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("tags",          "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("coupon_plans",  "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  BRAND),
    Row("coupon_plans",  "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("coupon_plans",  "approve", BRAND, NONE,      STORE,  NONE, NONE,   NONE),
    Row("coupon_plans",  "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("coupons",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("coupons",       "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("coupons",       "export",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("redemptions",   "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("redemptions",   "change",  BRAND, NONE,      STORE,  NONE, NONE,   BRAND),
    Row("redemptions",   "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("member_codes",  "view",    NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("member_codes",  "change",  NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("gifts",         "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  BRAND),
    Row("gifts",         "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("gifts",         "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("gift_orders",   "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("gift_orders",   "change",  BRAND, NONE,      STORE,  NONE, NONE,   BRAND),
    Row("gift_orders",   "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("gift_pickups",  "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("gift_pickups",  "change",  BRAND, NONE,      STORE,  NONE, NONE,   BRAND),
    Row("own_work",      "view",    NONE,  NONE,      OWN,    OWN,  NONE,   NONE),
    Row("own_work",      "change",  NONE,  NONE,      OWN,    OWN,  NONE,   NONE),
    Row("entry_passes",  "change",  BRAND, NONE,      STORE,  NONE, NONE,   NONE),
    Row("tasks",         "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("tasks",         "change",  BRAND, REGION,    STORE,  NONE, NONE,   NONE),
    Row("tasks",         "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("task_rules",    "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("task_rules",    "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("task_rules",    "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("contests",      "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("contests",      "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("contests",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("shifts",        "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("shifts",        "change",  BRAND, REGION,    STORE,  NONE, NONE,   BRAND),
    Row("appointments",  "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("appointments",  "change",  BRAND, REGION,    STORE,  NONE, NONE,   BRAND),
    Row("guide_policies", "view",   BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("guide_policies", "change", BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("guide_levels",  "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("guide_levels",  "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("guide_levels",  "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("guide_pay",     "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("guide_pay",     "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("guide_pay",     "approve", BRAND, REGION,    STORE,  NONE, NONE,   NONE),
    Row("guide_pay",     "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("bonds",         "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("bonds",         "change",  BRAND, REGION,    STORE,  NONE, NONE,   BRAND),
    Row("bonds",         "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("notices",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("notices",       "change",  BRAND, REGION,    STORE,  NONE, NONE,   NONE),
    Row("notices",       "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("escalations",   "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("escalations",   "change",  BRAND, REGION,    STORE,  NONE, NONE,   NONE),
    Row("escalations",   "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("materials",     "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("materials",     "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("materials",     "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("surveys",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("surveys",       "export",  BRAND, REGION,    STORE,  NONE, NONE,   NONE),
    Row("surveys",       "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("moments",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("moments",       "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("moments",       "change",  BRAND, REGION,    STORE,  NONE, NONE,   BRAND),
    Row("samples",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("samples",       "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("samples",       "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("duplicates",    "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("duplicates",    "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("identities",    "view",    NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("identities",    "change",  NONE,  NONE,      NONE,   NONE, NONE,   BRAND),
    Row("segments",      "view",    BRAND, NONE,      NONE,   NONE, BRAND,  BRAND),
    Row("segments",      "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("segments",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("touch_plans",   "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("touch_plans",   "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("touch_plans",   "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("touch_plans",   "approve", BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("channels",      "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("channels",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("consents",      "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("consents",      "change",  BRAND, NONE,      STORE,  NONE, NONE,   BRAND),
    Row("consents",      "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("consent_texts", "view",    BRAND, NONE,      NONE,   NONE, BRAND,  BRAND),
    Row("consent_texts", "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("touches",       "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("touches",       "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("touch_caps",    "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("touch_caps",    "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("touch_caps",    "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("persons",       "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("persons",       "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("member_tags",   "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("member_tags",   "change",  BRAND, REGION,    STORE,  NONE, NONE,   BRAND),
    Row("benefits",      "view",    BRAND, REGION,    STORE,  NONE, BRAND,  BRAND),
    Row("benefits",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("benefits",      "export",  BRAND, REGION,    STORE,  NONE, BRAND,  NONE),
    Row("personal_data", "view",    BRAND, REGION,    STORE,  OWN,  NONE,   BRAND),
    Row("phones",        "reveal",  BRAND, REGION,    STORE,  NONE, NONE,   BRAND),
    Row("phone_reveals", "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("phone_reveals", "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("imports",       "view",    BRAND, NONE,      NONE,   NONE, BRAND,  BRAND),
    Row("imports",       "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("imports",       "run",     BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("exports",       "view",    OWN,   OWN,       OWN,    NONE, OWN,    NONE),
    Row("job_runs",      "view",    BRAND, NONE,      NONE,   NONE, BRAND,  BRAND),
    Row("job_runs",      "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("job_runs",      "run",     BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("journal",       "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("journal",       "export",  BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("keys",          "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("keys",          "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("holidays",      "view",    BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("holidays",      "export",  BRAND, BRAND,     BRAND,  NONE, BRAND,  NONE),
    Row("holidays",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("settings",      "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("settings",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
    Row("scopes",        "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("webhooks",      "view",    BRAND, NONE,      NONE,   NONE, BRAND,  BRAND),
    Row("webhooks",      "change",  BRAND, NONE,      NONE,   NONE, NONE,   BRAND),
    Row("inbox",         "view",    BRAND, NONE,      NONE,   NONE, BRAND,  NONE),
    Row("inbox",         "change",  BRAND, NONE,      NONE,   NONE, NONE,   NONE),
)  # fmt: skip
_ROWS: dict[tuple[str, str], Row] = {(row.resource, row.action): row for row in TABLE}


def _administrators_only(user: Any) -> frozenset[str]:
    return frozenset({"hq"}) if user.is_superuser else frozenset()


_ANSWER: dict[str, Callable[[Any], frozenset[str]]] = {"roles_of": _administrators_only}


def answer_with(roles_of: Callable[[Any], frozenset[str]]) -> None:
    """Let this question answer from now on; called once, by the floor that knows posts."""
    _ANSWER["roles_of"] = roles_of


def roles_of(user: Any) -> frozenset[str]:
    """Name the roles a person holds; nobody, strangers and the disabled hold none."""
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    return _ANSWER["roles_of"](user)


def reach_of(role: str, resource: str, action: str) -> Reach:
    """Give how far a role reaches; without a row, nothing."""
    row = _ROWS.get((resource, action))
    return row.reach(role) if row else NONE


def left_out(user: Any, resource: str, action: str) -> bool:
    """Tell whether the key an account came in with leaves this right out."""
    held = getattr(user, "narrowed_to", None)
    return held is not None and f"{resource}:{action}" not in held


def reach(user: Any, resource: Resource, action: Action) -> Reach:
    """Give how far a person reaches: the widest of her roles, within the key she came in with."""
    if left_out(user, resource, action):
        return NONE
    return max((reach_of(role, resource, action) for role in roles_of(user)), default=NONE)


def may(user: Any, resource: Resource, action: Action = "view") -> bool:
    """Tell whether a person may do this at all; which rows, says the noun's `.visible_to(user)`."""
    return reach(user, resource, action) > NONE


def sees_people(user: Any) -> bool:
    """Tell whether a person sees members as persons: wherever she sees members, she may see their personal data."""
    seen = reach(user, "members", "view")
    return seen > NONE and reach(user, "personal_data", "view") >= seen


def allowed(resource: Resource, action: Action = "view") -> Callable[[HttpRequest], bool]:
    """Make the question of a side bar entry: may the person asking do this."""
    return lambda request: may(request.user, resource, action)
