"""Questions about consent: how it stands, under which wording, and why a member may not be touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from members.models import Consent, ConsentText, GuardianConsent, Member, Purpose, TouchChannel
from members.models.consents import CHANNELS, TOUCHING, USING
from members.queries import families
from newretail.kernel import brand, clock, sql

ADULT_FOR_CONSENT = 14  # years: PIPL, articles 28 and 31
# Of two statements of one instant the withdrawal counts.
NEWEST = "stated_at DESC, given, id DESC"
# All rows of `m` that are one person: what she said as one of them holds for all.
FAMILY = families.ids_sql(families.root_sql("m"))
# The day on which she turns 14, as late as it can be: the end of the year where only that is known, and 51 days later
# for a lunar day, which is the most it lies behind its namesake. She is 14 from the next day. Without a year nobody
# knows, and she counts as grown up.
TURNS_14 = f"""
(make_date(f.birth_year + {ADULT_FOR_CONSENT}, coalesce(f.birth_month, 12), 1) + (coalesce(f.birth_day, 31) - 1)
  + CASE f.birthday_calendar WHEN 'lunar' THEN 51 ELSE 0 END)
""".strip()
UNDER_14 = f"""
EXISTS (SELECT 1 FROM members_member f WHERE f.id IN ({FAMILY})
  AND f.birth_year IS NOT NULL AND {TURNS_14} >= %(today)s::date)
""".strip()
GUARDED = f"""
coalesce((SELECT w.given FROM members_guardianconsent w WHERE w.member_id IN ({FAMILY})
  ORDER BY {NEWEST} LIMIT 1), false)
""".strip()
SAID = f"""
(SELECT c.given FROM members_consent c WHERE c.member_id IN ({FAMILY})
   AND c.channel = t.channel AND c.purpose = t.purpose ORDER BY {NEWEST} LIMIT 1)
""".strip()
# Why `m` may not be touched by the channel and for the purpose of `t`: a reason of `Touch.GATE`, empty where she may.
WHY_NOT = f"""
CASE WHEN m.erased_at IS NOT NULL THEN 'erased'
  WHEN {UNDER_14} AND NOT {GUARDED} THEN 'under_14'
  WHEN coalesce({SAID}, t.purpose = ANY(%(unsaid)s::text[])) THEN ''
  WHEN {SAID} IS NULL THEN 'no_consent' ELSE 'withdrawn' END
""".strip()


def unsaid_setting(purpose: str) -> str:
    """Name the setting that says what holds for a purpose as long as she said nothing."""
    return f"consent_unsaid_{purpose}"


def allowed_unsaid() -> list[str]:
    """List the purposes that are allowed as long as nothing was said, by the brand's settings."""
    held = brand.in_force(*(unsaid_setting(purpose) for purpose in Purpose.values))
    return [purpose for purpose in Purpose.values if held[unsaid_setting(purpose)] == "allowed"]


def gate(at: datetime) -> sql.Params:
    """Give the parameters of `WHY_NOT` as of an instant."""
    return {"today": clock.business_day(at), "unsaid": allowed_unsaid()}


def _judged(members: Sequence[int], channel: str, purpose: str, at: datetime) -> list[tuple[int, str]]:
    statement = f"""
SELECT m.id, {WHY_NOT} FROM members_member m, (SELECT %(channel)s::text AS channel, %(purpose)s::text AS purpose) t
WHERE m.id = ANY(%(members)s) ORDER BY m.id"""
    given = {**gate(at), "members": list(members), "channel": channel, "purpose": purpose}
    return [(pk, why) for pk, why in sql.rows(statement, given)]


def may_be_touched(members: Sequence[int], *, channel: str, purpose: str, at: datetime) -> list[int]:
    """Keep those (ids) who may be touched now; whoever sends asks again by claiming."""
    return [pk for pk, why in _judged(members, channel, purpose, at) if not why]


def why_not(member: int, *, channel: str, purpose: str, at: datetime) -> str:
    """Tell why a member (id) may not be touched now, empty where she may."""
    return _judged([member], channel, purpose, at)[0][1]


def is_under_14(member: Member, day: date) -> bool:
    """Tell whether she is known to be under 14 on a day."""
    found = sql.rows(f"SELECT {UNDER_14} FROM members_member m WHERE m.id = %(member)s",
                     {"member": member.pk, "today": day})  # fmt: skip
    return bool(found and found[0][0])


def guardian_of(member: Member) -> GuardianConsent | None:
    """Give the newest word of a guardian, None where none was kept."""
    return (
        GuardianConsent.objects.filter(member__in=families.ids_of(member))
        .order_by("-stated_at", "given", "-pk")
        .first()
    )


def texts_at(at: datetime) -> dict[str, ConsentText]:
    """Give the wording in force of each purpose that has one."""
    rows = ConsentText.objects.filter(published_at__lte=at).order_by("purpose", "-version").distinct("purpose")
    return {row.purpose: row for row in rows}


@dataclass(frozen=True)
class Cell:
    """How one consent stands: the newest row, or what holds unsaid."""

    channel: str
    purpose: str
    allowed: bool
    row: Consent | None

    @property
    def name(self) -> str:
        """Name it in a form."""
        return f"{self.channel}-{self.purpose}"

    @property
    def purpose_word(self) -> str:
        """Say the purpose."""
        return str(Purpose(self.purpose).label)

    @property
    def channel_word(self) -> str:
        """Say the channel."""
        return str(TouchChannel(self.channel).label)


@dataclass(frozen=True)
class Row:
    """The consents of one purpose, by channel, with its wording."""

    purpose: str
    text: ConsentText | None
    cells: list[Cell]

    @property
    def word(self) -> str:
        """Say the purpose."""
        return str(Purpose(self.purpose).label)


def newest_of(member: Member) -> dict[tuple[str, str], Consent]:
    """Give the newest row of each channel and purpose she spoke of."""
    rows = (
        Consent.objects.filter(member__in=families.ids_of(member))
        .select_related("text", "by")
        .order_by("channel", "purpose", "-stated_at", "given", "-pk")
        .distinct("channel", "purpose")
    )
    return {(row.channel, row.purpose): row for row in rows}


def matrix_of(member: Member, *, at: datetime) -> list[Row]:
    """Give how each consent of a member stands, purpose by purpose."""
    return matrix(newest_of(member), texts_at(at))


def matrix(said: Mapping[tuple[str, str], Consent], texts: Mapping[str, ConsentText]) -> list[Row]:
    """Lay out what she said, by channel and purpose, and under which wordings, purpose by purpose."""
    unsaid = allowed_unsaid()

    def cell(channel: str, purpose: str) -> Cell:
        row = said.get((channel, purpose))
        return Cell(channel, purpose, row.given if row else purpose in unsaid, row)

    return [
        Row(purpose, texts.get(purpose), [cell(channel, purpose) for channel in channels])
        for purposes, channels in ((TOUCHING, CHANNELS), (USING, (TouchChannel.ANY,)))
        for purpose in purposes
    ]
