"""Whom a request speaks of: by her number, by the code she shows, by an identity; guessing at either ends soon."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_noop

from members.actions import claims, member_codes
from members.models import Identity, Member
from members.queries import families
from newretail.kernel import guesses, scopes
from newretail.kernel.api import items
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.files import identities
from newretail.kernel.models import User
from newretail.kernel.scopes import Action, Resource
from stores.models import sight_of, store_ids_in

WAYS = ("member_no", "member_code", "identity")
MOST_MISSES = 300  # of one account in five minutes: a chain's tills meet strangers, nobody walks through all phones
TOO_MANY = gettext_noop("Too many identities that lead to nobody were asked for; wait five minutes.")
ONE_WAY = gettext_noop("Name the member in one way: member_no, member_code or identity.")


def members_within(user: User, resource: Resource, action: Action) -> QuerySet[Member]:
    """Give the members at home in the stores in which this account may do this."""
    stores = store_ids_in(sight_of(user, resource, action))
    rows = Member.objects.get_queryset()
    return rows if stores is None else rows.filter(home_store_id__in=stores)


def numbered(rows: QuerySet[Member], member_no: str) -> Member:
    """Find the member of a number among those within sight.

    Raises Http404.
    """
    row = next(iter(rows.filter(member_no=member_no)), None)
    if row is None:
        raise Http404
    return row


def spelled(fields: Fields) -> tuple[str, str]:
    """Read an identity and give it in its one spelling.

    Raises Problem: refused.
    """
    kind = fields.text("kind", required=True)
    value = fields.written("value", most=identities.LONGEST)
    if kind and kind not in Identity.Kind.values:
        fields.wrong("kind", "not_a_choice")
    fields.judge()
    try:
        return kind, claims.spelled(kind, value)
    except claims.NoIdentity as refused:
        fault = Fault(refused.code, f"{fields.within}value", sentence=str(refused))
        raise Problem(422, "refused", items.REFUSED, faults=[fault]) from None


def _misses(user: User) -> str:
    return f"identities:{user.pk}"


def may_guess(user: User, at: datetime) -> None:
    """Refuse whoever has asked for too many identities that led to nobody.

    Raises Problem: too_many_misses.
    """
    if guesses.used_up(_misses(user), at, most=MOST_MISSES):
        raise Problem(429, "too_many_misses", TOO_MANY)


def identified(fields: Fields, within: Any, *, user: User, at: datetime) -> Member:
    """Find the member an identity leads to among those within sight; who is not found is counted.

    Raises Problem: refused. Raises Http404.
    """
    kind, value = spelled(fields)
    person = families.identified(kind, value)
    if person is None or not within.filter(pk=person.pk, erased_at__isnull=True).exists():
        guesses.note(_misses(user), at)
        raise Http404
    return person


def _codes(user: User) -> str:
    return f"member_codes:{user.pk}"


def may_show(user: User, at: datetime) -> None:
    """Refuse whoever has sent too many wrong codes of members.

    Raises Problem: too_many_wrong_codes.
    """
    if guesses.used_up(_codes(user), at):
        raise Problem(429, "too_many_wrong_codes", guesses.SENTENCE)


def shown(fields: Fields, name: str, *, user: User, at: datetime) -> Member:
    """Take the code a member shows, by its field, for the purchase that is named with it; a wrong one is counted.

    Raises Problem: refused. Refuses: UnknownCode, CodeTaken.
    """
    code, source = fields.text(name, most=80, required=True), fields.text("source", most=40, required=True)
    number = fields.text("source_no", required=True)
    fields.judge()
    try:
        return member_codes.take(code=code, source=source, source_no=number, at=at, by=user)
    except member_codes.UnknownCode:
        guesses.note(_codes(user), at)
        raise


def require(user: User, resource: Resource, action: Action) -> None:
    """Refuse whoever has no such right.

    Raises PermissionDenied.
    """
    if not scopes.may(user, resource, action):
        raise PermissionDenied


def guard(given: Mapping[str, Any], *, user: User, at: datetime) -> None:
    """Refuse a way of naming a member that this key has no right to, or has guessed at too often.

    Raises Problem: too_many_misses, too_many_wrong_codes. Raises PermissionDenied.
    """
    if "identity" in given:
        require(user, "identities", "view")
        may_guess(user, at)
    if "member_code" in given:
        require(user, "member_codes", "change")
        may_show(user, at)


def named(given: Mapping[str, Any], within: Any, *, user: User, at: datetime) -> Member:
    """Find the member a body names in one of the WAYS, among those within sight.

    Raises Problem: refused. Raises Http404. Refuses: UnknownCode, CodeTaken.
    """
    ways = [way for way in WAYS if given.get(way) is not None]
    if len(ways) != 1:
        fault = Fault("missing" if not ways else "unknown_field", "member_no", sentence=ONE_WAY)
        raise Problem(422, "refused", items.REFUSED, faults=[fault])
    if ways == ["identity"]:
        known = Fields(given["identity"], frozenset({"kind", "value"}), "identity.")
        return identified(known, within, user=user, at=at)
    if ways == ["member_code"]:
        person: Member | None = shown(Fields(given, frozenset(given)), "member_code", user=user, at=at)
    else:
        fields = Fields(given, frozenset(given))
        number = fields.text("member_no", required=True)
        fields.judge()
        person = families.numbered(number)
    if person is None or not within.filter(pk=person.pk, erased_at__isnull=True).exists():
        raise Http404
    return person
