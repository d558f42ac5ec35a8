"""Record what members allow and what not; publish the wording they are asked with."""

import re
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext_noop

from members.models import ConsentText, GuardianConsent, Member, Purpose, Source
from members.queries.consents import FAMILY, NEWEST
from newretail.kernel import sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

SKEW = timedelta(minutes=5)  # by so much the clock of another system may be ahead
LONGEST_TITLE, LONGEST_BODY = 80, 4_000
# Something to look the proof up by, or its digest: never words, and no phone.
PROOF = r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}"
DIGEST, PHONE_IN = r"sha256:[0-9a-f]{64}", r"1[3-9][0-9]{9}"
RECIPE = staging.Recipe(
    name="consents",
    line_name="members.consent.recorded",
    types={"line": "int", "dup_of": "int", "stated_at": "timestamptz", "text_version": "bigint"},
    resolve=f"""
SELECT s.*, s.newest AS existing,
  s.repeated OR coalesce(s.given AND s.newest_given AND s.newest_text = s.text_id AND s.newest_at <= s.said_at, false)
    AS same,
  CASE WHEN s.member_id IS NULL THEN 'unknown_member' WHEN s.stated_at > %(latest)s THEN 'in_future'
    WHEN NOT s.fits THEN 'channel_purpose'
    WHEN s.text_version IS NOT NULL AND s.text_id IS NULL THEN 'unknown_text'
    WHEN s.given AND s.text_id IS NULL THEN 'no_text'
    WHEN s.given AND s.proof IS NULL THEN 'proof_missing'
    WHEN s.proof !~ '^(?:{PROOF})$' OR s.proof !~ '^{DIGEST}$' AND s.proof ~ '{PHONE_IN}' THEN 'bad_proof' END AS error,
  CASE WHEN s.member_id IS NULL THEN 'member_no' WHEN s.stated_at > %(latest)s THEN 'stated_at'
    WHEN NOT s.fits THEN 'channel' WHEN s.given AND s.text_id IS NULL THEN 'text_version'
    WHEN s.text_version IS NOT NULL AND s.text_id IS NULL THEN 'text_version' ELSE 'proof' END AS error_column
FROM (
  SELECT i.*, m.id AS member_id, i.decision = 'given' AS given, x.id AS text_id, n.id AS newest,
    n.given AS newest_given, n.text_id AS newest_text, n.stated_at AS newest_at,
    least(coalesce(i.stated_at, %(at)s), %(at)s) AS said_at,
    (i.channel = 'any') = (i.purpose IN ('personalisation', 'profiling')) AS fits,
    EXISTS (SELECT 1 FROM members_consent o WHERE o.member_id = m.id AND o.channel = i.channel
      AND o.purpose = i.purpose AND o.stated_at = least(coalesce(i.stated_at, %(at)s), %(at)s)
      AND o.given = (i.decision = 'given')) AS repeated
  FROM tmp_consents_in i
  LEFT JOIN members_member m ON m.member_no = i.member_no AND m.erased_at IS NULL
    AND (%(within)s::bigint[] IS NULL OR m.home_store_id = ANY(%(within)s::bigint[]))
  LEFT JOIN LATERAL (SELECT t.id FROM members_consenttext t WHERE t.purpose = i.purpose
    AND (t.version = i.text_version OR i.text_version IS NULL AND i.decision = 'given'
      AND t.published_at <= coalesce(i.stated_at, %(at)s)) ORDER BY t.version DESC LIMIT 1) x ON true
  LEFT JOIN LATERAL (SELECT c.id, c.given, c.text_id, c.stated_at FROM members_consent c
    WHERE c.member_id IN ({FAMILY}) AND c.channel = i.channel AND c.purpose = i.purpose ORDER BY {NEWEST} LIMIT 1) n
    ON true
) s JOIN tmp_consents_in i ON i.line = s.line
""",
    write="""
INSERT INTO members_consent AS c
  (member_id, channel, purpose, given, stated_at, text_id, source, proof, by_id, entry_id)
SELECT t.member_id, t.channel, t.purpose, t.given, t.said_at, t.text_id, t.source, coalesce(t.proof, ''), %(by)s,
  %(entry)s
FROM tmp_consents t WHERE t.error IS NULL AND t.same IS NOT TRUE
ORDER BY t.member_no, t.channel, t.purpose, t.said_at, t.line
ON CONFLICT DO NOTHING
RETURNING NOT EXISTS (SELECT 1 FROM members_consent o WHERE o.member_id = c.member_id AND o.channel = c.channel
  AND o.purpose = c.purpose)
""",
)
# The row she lives on in. Whoever claims touches locks it as well, so that a withdrawal and a claim see each other.
LOCK = """
SELECT 1 FROM members_member WHERE id IN (SELECT coalesce(m.merged_into_id, m.id) FROM members_member m
  WHERE m.member_no IN (SELECT member_no FROM tmp_consents_in)) ORDER BY id FOR NO KEY UPDATE
"""
DECIDE = "UPDATE tmp_consents_in SET decision = %(decision)s"


class Stays(Refused):
    """What was said stays written."""

    code = "consent_stays"
    sentence = gettext_noop("What members said stays as evidence; to correct it, import a file that says the contrary.")


class BadText(Refused):
    """A wording lacks something."""

    code = "bad_text"
    sentence = gettext_noop("A consent text needs a title of at most 80 characters and a text of at most 4,000, in both"
                            " languages.")  # fmt: skip


class SameText(Refused):
    """Nothing would be new."""

    code = "same_text"
    sentence = gettext_noop("This is the wording in force already.")


class BadProof(Refused):
    """The proof cannot be looked up, or holds a phone."""

    code = "bad_proof"
    sentence = gettext_noop(
        "A proof is a number to look it up by, or sha256: and its digest; letters and digits, and no phone."
    )


class InFuture(Refused):
    """It was not said yet."""

    code = "in_future"
    sentence = gettext_noop("This lies in the future.")


def _take(
    batch: Batch, *, at: datetime, by: User | None, decision: str = "", within: list[int] | None = None
) -> Outcome:
    def lock(_params: sql.Params, _outcome: Outcome) -> None:
        if decision:
            sql.execute(DECIDE, {"decision": decision})
        sql.execute(LOCK)

    params = {"latest": at + SKEW, "within": within, "by": by.pk if by else None}
    return staging.record(RECIPE, batch, at=at, by=by, params=params, steps=staging.Steps(prepare=lock))


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, within: list[int] | None = None) -> Outcome:
    """Record what members gave and withdrew, each row with its own decision; it holds from the commit on.

    Batch columns: those of `members.importers.CONSENTS`. `within` are the stores (ids) beyond which no member is there.
    A row that repeats what is written, or gives what is given already, changes nothing; of rows that come late the one
    that was stated last counts, and a withdrawal said again outranks a consent that was given before and comes later.
    Row refusals: unknown_member, in_future, channel_purpose, unknown_text, no_text, proof_missing, bad_proof.
    Writes: members.consent.recorded.
    """
    return _take(batch, at=at, by=by, within=within)


@verb
def give(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Record that members gave these consents, whatever the batch decides.

    Row refusals: those of `consents.record`.
    Writes: members.consent.recorded.
    """
    return _take(batch, at=at, by=by, decision="given")


@verb
def withdraw(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Record that members withdrew these consents: no touch of theirs is claimed once this has committed.

    Row refusals: those of `consents.record`.
    Writes: members.consent.recorded.
    """
    return _take(batch, at=at, by=by, decision="withdrawn")


@verb
def take_back(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Refuse to take back an import of consents: what was said stays written.

    Refuses: Stays.
    Writes no line: nothing happens.
    """
    raise Stays


@verb
def publish(*, purpose: str, title_zh: str, body_zh: str, title_en: str, body_en: str, at: datetime,
            by: User | None = None) -> ConsentText:  # fmt: skip
    """Publish a new version of a purpose's wording; it never changes afterwards, and is what members see from now on.

    Refuses: BadText, SameText.
    Writes: members.consent_text.published.
    """
    given = {"title_zh": title_zh, "body_zh": body_zh, "title_en": title_en, "body_en": body_en}
    given = {name: text.strip() for name, text in given.items()}
    longest = {name: LONGEST_BODY if name.startswith("body") else LONGEST_TITLE for name in given}
    if purpose not in Purpose.values or any(
        not text or len(text) > longest[name] or "\0" in text for name, text in given.items()
    ):
        raise BadText
    sql.rows("SELECT pg_advisory_xact_lock(hashtext('members.consent_text:' || current_schema()))")
    last = ConsentText.objects.filter(purpose=purpose).order_by("-version").first()
    if last and all(getattr(last, name) == text for name, text in given.items()):
        raise SameText
    version = (ConsentText.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0) + 1
    line = journal.write(
        "members.consent_text.published", at=at, by=by, subject=f"consent_text:{purpose}:{version}", purpose=purpose
    )
    return ConsentText.objects.create(
        purpose=purpose, version=version, **given, published_at=at, by=by, entry_id=line.pk
    )  # fmt: skip


@verb
def guard(*, member: Member, given: bool, relation: str, proof: str, source: str, at: datetime,
          stated_at: datetime | None = None, by: User | None = None) -> GuardianConsent:  # fmt: skip
    """Record that a guardian of a member under 14 agreed, or no longer does; said twice, it is kept once.

    Refuses: BadProof, InFuture.
    Writes: members.guardian.recorded.
    """
    said = stated_at or at
    if said > at + SKEW:
        raise InFuture
    is_digest = re.fullmatch(DIGEST, proof) is not None
    if not re.fullmatch(PROOF, proof) or (not is_digest and re.search(PHONE_IN, proof)):
        raise BadProof
    if relation not in GuardianConsent.Relation.values or source not in Source.values:
        raise ValueError((relation, source))
    held = Member.objects.select_for_update(no_key=True).get(pk=member.merged_into_id or member.pk)
    known = GuardianConsent.objects.filter(member=held, stated_at=min(said, at), given=given).first()
    if known:
        return known
    line = journal.write("members.guardian.recorded", at=at, by=by, subject=f"member:{held.pk}", given=given)
    return GuardianConsent.objects.create(
        member=held, given=given, stated_at=min(said, at), relation=relation, source=source, proof=proof, by=by,
        entry_id=line.pk,
    )  # fmt: skip
