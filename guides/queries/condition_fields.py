"""What the guides' floor offers conditions to ask: who serves a member, since when, and who nobody serves."""

from django.utils.translation import gettext_lazy as _

from members.queries.conditions.fields import Field, Named, Source, add

SERVED = _("guides")
SERVING = (
    "guides_bond b JOIN stores_post t ON t.id = b.post_id JOIN kernel_user u ON u.id = t.user_id"
    " LEFT JOIN stores_store s ON s.id = t.store_id"
)
THEN = "b.began_at < %(until)s AND (b.ended_at IS NULL OR b.ended_at >= %(until)s)"

add(
    Field("guide.staff", _("her guide"), "set", "u.staff_no", "bonds", SERVED, named="guides", dated=True),
    Field("guide.store", _("store of her guide"), "set", "s.code", "bonds", SERVED, named="stores", dated=True),
    Field("guide.bonded", _("she has a guide"), "flag", "true", "bonds", SERVED, dated=True),
    Field("guide.days", _("days since her guide added her"), "number",
          "(%(today)s::date - max((b.began_at AT TIME ZONE %(zone)s)::date))", "bonds", SERVED, zero=False, dated=True),
    sources={"bonds": Source(SERVING, "b.member_id", counts="b.ended_at IS NULL",
                             past=Source(SERVING, "b.member_id", counts=THEN))},
    named={"guides": Named("kernel_user", "staff_no", _("guides"))},
)  # fmt: skip
