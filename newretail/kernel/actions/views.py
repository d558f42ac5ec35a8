"""Save, rename and drop a person's views of a list, and choose which opens first."""

from datetime import datetime
from urllib.parse import parse_qsl

from django.utils.translation import gettext_noop

from newretail.kernel import scopes, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import SavedView, User
from newretail.kernel.models.views import LONGEST_NAME, LONGEST_WORDS
from newretail.kernel.verbs import Refused, verb

MOST = 30  # per list and person
LOCK = "SELECT pg_advisory_xact_lock(hashtext('kernel.savedview:' || current_schema()), %(by)s::int)"


class BadName(Refused):
    """The name is empty, too long, or no text."""

    code = "bad_view_name"
    sentence = gettext_noop("A view needs a name of at most %(most)s characters.")


class NameTaken(Refused):
    """She has a view of this name for this list."""

    code = "view_name_taken"
    sentence = gettext_noop("You have a view named “%(name)s” here already.")


class TooManyViews(Refused):
    """She has as many views of this list as one may have."""

    code = "too_many_views"
    sentence = gettext_noop("A list holds at most %(most)s views of one person; delete one first.")


class NothingToSave(Refused):
    """There is no filter in force, or more than can be kept."""

    code = "nothing_to_save"
    sentence = gettext_noop("Set a filter first: a view without filters is the list itself.")


class NotYours(Refused):
    """The view is gone, or somebody else's."""

    code = "not_your_view"
    sentence = gettext_noop("This view is not there, or it is somebody else's.")


class UnknownRole(Refused):
    """There is no such role to share with."""

    code = "unknown_role"
    sentence = gettext_noop("There is no such role to share a view with.")


def _named(name: str) -> str:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadName(most=LONGEST_NAME)
    return name


def _free(by: User, noun: str, name: str) -> None:
    sql.rows(LOCK, {"by": by.pk})
    if SavedView.objects.filter(by=by, noun=noun, name=name).exists():
        raise NameTaken(name=name)


def _own(pk: int, by: User, noun: str) -> SavedView:
    sql.rows(LOCK, {"by": by.pk})
    found = SavedView.objects.filter(pk=pk, by=by, noun=noun).first()
    if found is None:
        raise NotYours
    return found


@verb
def keep(*, noun: str, name: str, words: str, at: datetime, by: User, shared_with: str = "") -> SavedView:
    """Keep the filters of a list (`words`, as in its address) under a name; to oneself, or shared with a role.

    Refuses: BadName, NameTaken, TooManyViews, NothingToSave, UnknownRole.
    Writes: kernel.view.kept.
    """
    name = _named(name)
    filters = sorted({word for word, _value in parse_qsl(words)})
    if not filters or len(words) > LONGEST_WORDS:
        raise NothingToSave
    if shared_with and shared_with not in scopes.ROLES:
        raise UnknownRole
    _free(by, noun, name)
    if SavedView.objects.filter(by=by, noun=noun).count() >= MOST:
        raise TooManyViews(most=MOST)
    entry_id = journal.reserve()
    view = SavedView.objects.create(
        by=by, noun=noun, name=name, words=words, shared_with=shared_with, entry_id=entry_id
    )  # fmt: skip
    journal.write(
        "kernel.view.kept", at=at, by=by, subject=noun, entry_id=entry_id, filters=filters, shared_with=shared_with
    )  # fmt: skip
    return view


@verb
def rename(*, view: int, noun: str, name: str, at: datetime, by: User) -> None:
    """Give one's own view another name.

    Refuses: BadName, NameTaken, NotYours.
    Writes: kernel.view.renamed.
    """
    name = _named(name)
    found = _own(view, by, noun)
    if found.name != name:
        _free(by, noun, name)
    found.name = name
    found.save(update_fields=["name"])
    journal.write("kernel.view.renamed", at=at, by=by, subject=noun, view=found.pk)


@verb
def drop(*, view: int, noun: str, at: datetime, by: User) -> None:
    """Delete one's own view, for all with whom it was shared.

    Refuses: NotYours.
    Writes: kernel.view.dropped.
    """
    _own(view, by, noun).delete()
    journal.write("kernel.view.dropped", at=at, by=by, subject=noun, view=view)


@verb
def open_first(*, view: int, noun: str, at: datetime, by: User) -> None:
    """Let one of one's own views open first when the list is opened bare; the one that did so no longer does.

    The view that opens first already gives the bare list back.
    Refuses: NotYours.
    Writes: kernel.view.chosen.
    """
    found = _own(view, by, noun)
    was = found.is_default
    SavedView.objects.filter(by=by, noun=noun, is_default=True).update(is_default=False)
    SavedView.objects.filter(pk=found.pk).update(is_default=not was)
    journal.write("kernel.view.chosen", at=at, by=by, subject=noun, view=found.pk, first=not was)
