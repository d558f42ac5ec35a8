"""Questions about recruit codes: whether a code's guide serves, what is asked of who scans it, whom it brought."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from guides.models import Bond, RecruitCode
from guides.queries.serving import SERVES
from members.models import ConsentText, Purpose, TouchChannel
from members.models.consents import USING
from members.queries import consents
from newretail.kernel import clock
from stores.models import Post

LONGEST_TOKEN = 32
# By what a guide and her store reach a customer who joined by a code.
REACHED_BY = (TouchChannel.WECOM, TouchChannel.SMS)


def found(token: str) -> RecruitCode | None:
    """Find a code by its token."""
    if not token.isascii() or len(token) > LONGEST_TOKEN or "\0" in token:
        return None
    return RecruitCode.objects.select_related("post__user", "post__store").filter(token=token).first()


def serves(code: RecruitCode) -> bool:
    """Tell whether the guide of a code serves in its store now."""
    post = Post.objects.select_related("user").get(pk=code.post_id)
    return post.until is None and post.role in SERVES and post.user.is_active


def wordings(at: datetime) -> list[ConsentText]:
    """List the wordings in force, in the order of their purposes."""
    texts = consents.texts_at(at)
    return [texts[purpose] for purpose in Purpose.values if purpose in texts]


def in_force(allows: Mapping[str, int], at: datetime) -> bool:
    """Tell whether each version she agreed to is the one in force."""
    texts = {text.purpose: text.version for text in wordings(at)}
    return all(texts.get(purpose) == version for purpose, version in allows.items())


def statements(member_no: str, allows: Mapping[str, int], *, proof: str) -> list[dict[str, object]]:
    """Write what she allows as rows of the file of consents."""
    return [
        {"member_no": member_no, "channel": channel, "purpose": purpose, "decision": "given", "source": "page",
         "proof": proof, "text_version": version}
        for purpose, version in allows.items()
        for channel in ((TouchChannel.ANY,) if purpose in USING else REACHED_BY)
    ]  # fmt: skip


def codes_of(posts: Sequence[Post]) -> dict[str, RecruitCode]:
    """Give the codes of a guide by their scene; of her posts the first counts."""
    rows = RecruitCode.objects.filter(post__in=[post.pk for post in posts[:1]])
    return {row.scene: row for row in rows}


def recruited(posts: Sequence[Post], at: datetime) -> int:
    """Count whom her codes brought this month."""
    first = clock.day_start(clock.business_day(at).replace(day=1))
    scanned: dict[str, Any] = {"source": Bond.Source.SCAN, "began_at__gte": first}
    return Bond.objects.filter(post__in=[post.pk for post in posts], **scanned).count()
