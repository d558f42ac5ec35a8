"""Note what a customer says without being asked: of a product, or of the house."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop

from guides.models import Bond, Feedback
from guides.models.replies import LONGEST_FEEDBACK
from guides.queries import asking
from members.queries import families
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

# Who is being erased is waited for.
HOLD = "SELECT id FROM members_member WHERE id = %(member)s AND erased_at IS NULL FOR KEY SHARE"


class BadFeedback(Refused):
    """It says nothing, or names a product she did not buy."""

    code = "bad_feedback"
    sentence = gettext_noop(
        "Choose what it is, write 1 to %(most)s characters, and name none but a product that she bought."
    )


@dataclass(frozen=True)
class Heard:
    """What she said: its kind, her words, the product (SKU) it is about, nothing where it is about none."""

    kind: str
    words: str
    sku: str = ""


@verb
def note(*, ref: UUID, bond: Bond, heard: Heard, at: datetime, by: User) -> Feedback:
    """Note what the customer of a bond said; `ref` names it, so that it is noted once.

    Refuses: BadFeedback.
    Writes: guides.feedback.noted.
    """
    held = sql.rows(HOLD, {"member": bond.member_id})
    words = " ".join(heard.words.replace("\0", "").split())
    product = next((each for each in asking.bought_lately(families.ids_of(bond.member)) if each.sku == heard.sku), None)
    fits = heard.kind in Feedback.Kind.values and 0 < len(words) <= LONGEST_FEEDBACK
    if not held or not fits or (heard.sku and product is None):
        raise BadFeedback(most=LONGEST_FEEDBACK)
    line = journal.write(
        "guides.feedback.noted", at=at, by=by, subject=f"member:{bond.member_id}", kind=heard.kind
    )  # fmt: skip
    return Feedback.objects.create(
        ref=ref, member_id=bond.member_id, post_id=bond.post_id, product=product, kind=heard.kind, words=words, at=at,
        by=by, entry_id=line.pk,
    )  # fmt: skip
