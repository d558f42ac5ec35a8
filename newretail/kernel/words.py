"""Codes in words: jobs, counts, kinds, channels and sources are codes in the books, words to people."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

from newretail.kernel import numbers

# What stands in the books as a code and is shown as a word; a code not listed is shown as it is written.
KNOWN = (
    # kinds of files
    gettext_noop("stores"), gettext_noop("products"), gettext_noop("staff"), gettext_noop("members"),
    gettext_noop("orders"), gettext_noop("order lines"), gettext_noop("refunds"),
    gettext_noop("holidays"), gettext_noop("targets"), gettext_noop("levels"), gettext_noop("tags"),
    gettext_noop("member tags"), gettext_noop("consents"), gettext_noop("coupons"), gettext_noop("bonds"),
    gettext_noop("shifts"),
    # counts of jobs
    gettext_noop("rows"), gettext_noop("days"), gettext_noop("store days"), gettext_noop("scored"),
    gettext_noop("changed"), gettext_noop("moved"), gettext_noop("core"), gettext_noop("kept"),
    gettext_noop("measured"), gettext_noop("looked at"), gettext_noop("cells"),
    gettext_noop("laws"), gettext_noop("unexplained"),
    gettext_noop("onboarding"), gettext_noop("active"),
    gettext_noop("wake"), gettext_noop("win back"), gettext_noop("dormant"), gettext_noop("lost"),
    # jobs
    gettext_noop("score rfm"), gettext_noop("move lifecycle"), gettext_noop("refresh facts"),
    gettext_noop("measure retention"), gettext_noop("replay day"), gettext_noop("fill holidays"),
    gettext_noop("learn weights"), gettext_noop("expire tags"), gettext_noop("assess levels"),
    gettext_noop("give birthday gifts"), gettext_noop("given"),
    gettext_noop("scheme"), gettext_noop("up"),
    gettext_noop("down"),
    gettext_noop("apply tag rules"), gettext_noop("rules"), gettext_noop("put on"), gettext_noop("taken off"),
    gettext_noop("expired"),
    gettext_noop("tag members"), gettext_noop("unchanged"), gettext_noop("out of reach"),
    gettext_noop("issue coupons"), gettext_noop("given before"), gettext_noop("over limit"),
    gettext_noop("out of stock"),
    gettext_noop("lapse gift orders"), gettext_noop("lapsed"),
    gettext_noop("expire coupons"), gettext_noop("give coupons"), gettext_noop("issued"),
    gettext_noop("export list"), gettext_noop("close exports"), gettext_noop("closed"), gettext_noop("removed"),
    gettext_noop("try upload"), gettext_noop("take upload"), gettext_noop("undo import"), gettext_noop("forget files"),
    gettext_noop("export person"), gettext_noop("forget erased"), gettext_noop("forget persons"),
    gettext_noop("doubt touches"), gettext_noop("touches"),
    gettext_noop("files"), gettext_noop("forgotten"), gettext_noop("verify books"),
    # counts of imports
    gettext_noop("created"), gettext_noop("updated"), gettext_noop("skipped"), gettext_noop("rejected"),
    gettext_noop("enrolled"),
    # why a gift order ended
    gettext_noop("person erased"),
    # what a member holds
    gettext_noop("points"),
    # what a run was told
    gettext_noop("full"), gettext_noop("from"), gettext_noop("to"), gettext_noop("aside"),
    # channels and scenes
    gettext_noop("store"), gettext_noop("pos"), gettext_noop("mall"), gettext_noop("live"),
    gettext_noop("group buy"), gettext_noop("marketplace"), gettext_noop("community"), gettext_noop("image text"),
    gettext_noop("live stream"), gettext_noop("short video"), gettext_noop("store share"),
    # where an order came from
    gettext_noop("demo"), gettext_noop("demo-derived"),
    # what a member did, and where it was seen
    gettext_noop("page view"), gettext_noop("material open"), gettext_noop("add to cart"),
    gettext_noop("coupon click"), gettext_noop("sign in"), gettext_noop("mini"), gettext_noop("app"),
    # where a member came from
    gettext_noop("payment"),
    gettext_noop("till qr"), gettext_noop("entrance qr"), gettext_noop("tasting qr"), gettext_noop("e receipt"),
    gettext_noop("order page"), gettext_noop("parcel card"), gettext_noop("product qr"), gettext_noop("ad"),
    gettext_noop("referral"), gettext_noop("order"), gettext_noop("import"),
)  # fmt: skip


def in_words(code: str) -> str:
    """Say a code as words in the language at work: score_rfm → "RFM scoring"; an unknown one as it is written."""
    text = code.replace("_", " ")
    return gettext(text) if text in KNOWN else text


def named(code: str, name: str) -> str:
    """Say a code that is known everywhere in the language at work; one of the brand's own by the brand's name."""
    text = code.replace("_", " ")
    return gettext(text) if text in KNOWN else name


def counts_named(counts: Mapping[str, object]) -> list[tuple[str, str]]:
    """Name the counts of a run: {"scored": 2700} → [("scored", "2,700")]; a yes is said, a no left out."""
    return [(in_words(name), _said(value)) for name, value in counts.items() if value is not False and _said(value)]


def _said(value: object) -> str:
    if value is True:
        return gettext("yes")
    if isinstance(value, int | float):
        return numbers.grouped(value)
    return value if isinstance(value, str) else ""


def counts_in_words(counts: Mapping[str, object]) -> str:
    """Say the counts of a run in one line: {"scored": 2700} → "scored 2,700"."""
    return " · ".join(f"{name} {said}" for name, said in counts_named(counts))
