"""Questions about members: where to find one, and whether anything is recorded of any."""

from datetime import date

from django.db.models import Q, QuerySet
from django.db.models.functions import Right, Upper

from members.models import Member, Order
from members.models.member import MemberQuerySet
from members.queries import families
from newretail.kernel.files import phones, pinyin
from newretail.kernel.models import JournalEntry

LAST_DIGITS, MOST_LAST_DIGITS = 4, 10
LONGEST_SYLLABLE = 6
MOST_SYLLABLES = 4
MOST_ROOTS = 50


def found_by(term: str, members: MemberQuerySet, *, people: bool = True) -> MemberQuerySet:
    """Find members by number, whole phone or its last digits, four and more, the beginning of the name, or its pinyin.

    Each way has an index; a name is found through its pinyin key. For whom members are no persons (`people` false),
    the number alone finds: a search that answers to a name or a phone would tell whose it is.
    Who lives on in another member finds that member too.
    """
    term = term.strip()
    if not term or "\0" in term:
        return members.none() if "\0" in term else members
    found = Q(member_no__in={term, term.upper()})
    if not people:
        return _with_roots(found, members)
    if term.isascii() and term.isdigit() and LAST_DIGITS <= len(term) <= MOST_LAST_DIGITS:
        members = members.annotate(last_four=Right("phone", LAST_DIGITS))
        found |= Q(last_four=term[-LAST_DIGITS:], phone__endswith=term)
    phone = phones.normalise(term)
    if phone:
        found |= Q(phone=phone)
    return _with_roots(found | _by_name(term), members)


def _with_roots(found: Q, members: MemberQuerySet) -> MemberQuerySet:
    """Find members, and those in whom the found ones live on; looked up first, an OR across rows would read all."""
    merged = Member.objects.filter(merged_into__isnull=False).annotate(last_four=Right("phone", LAST_DIGITS))
    roots = list(merged.filter(found).values_list("merged_into_id", flat=True)[:MOST_ROOTS])
    return members.filter(found | Q(pk__in=roots)) if roots else members.filter(found)


def _by_name(term: str) -> Q:
    if term.isascii():
        letters = term.lower()
        if not letters.replace(" ", "").isalpha():
            return Q()
        cuts = [letters] if " " in letters else _syllables(letters, MOST_SYLLABLES)
        return Q(*[("name_pinyin__startswith", cut) for cut in cuts], _connector=Q.OR)
    keys = {pinyin.key(term), pinyin.SURNAMES.get(term, pinyin.key(term))}
    read = Q(*[("name_pinyin__startswith", key) for key in sorted(keys)], _connector=Q.OR)
    return read & Q(name__startswith=term)


def _syllables(letters: str, most: int) -> list[str]:
    """Cut letters typed without blanks wherever a syllable may end: one cut of "zengxiao" is "zeng xiao"."""
    cuts = [letters] if len(letters) <= LONGEST_SYLLABLE else []
    if most == 1:
        return cuts
    for end in range(1, min(LONGEST_SYLLABLE, len(letters) - 1) + 1):
        cuts += [f"{letters[:end]} {rest}" for rest in _syllables(letters[end:], most - 1)]
    return cuts


def orders_numbered(term: str, orders: QuerySet[Order]) -> QuerySet[Order]:
    """Find orders by their number, in whatever case, or by the number of their member."""
    term = term.strip()
    if "\0" in term:
        return orders.none()
    # Looked up first: an OR across two tables would read every order.
    numbered = list(Member.objects.filter(member_no__in={term, term.upper()}))
    members = [one for member in numbered for one in families.ids_of(member)]
    return orders.annotate(number=Upper("order_no")).filter(Q(number=term.upper()) | Q(member_id__in=members))


def moves_known_until() -> date | None:
    """Tell the last day as of which stages were moved, None before the first time."""
    last = JournalEntry.objects.filter(name="members.stage.moved").order_by("-id").first()
    return date.fromisoformat(last.facts["as_of"]) if last else None


def is_trading() -> bool:
    """Tell whether any member or order is recorded."""
    return Member.objects.exists() or Order.objects.exists()
