"""Laws of coupons handed out: counted without a gap, each with its coupon and its line."""

from newretail.kernel.books import law, lined

law(
    "the coupons a guide handed out in a month are counted without a gap",
    "SELECT post_id::text || ' ' || month, count(*)::text, max(nth)::text FROM guides_couponhandout"
    " GROUP BY post_id, month HAVING count(*) <> max(nth)",
)
law(
    "each coupon a guide handed out was issued for it, and none else in her name",
    """
SELECT coalesce(h.id::text, c.given_key), coalesce(c.code, 'none'), coalesce(h.nth::text, 'none')
FROM guides_couponhandout h FULL JOIN (SELECT * FROM members_coupon WHERE given_for = 'guides.handout') c
  ON c.given_key = h.post_id || ':' || to_char(h.month, 'YYYY-MM') || ':' || h.nth AND c.plan_id = h.plan_id
WHERE h.id IS NULL OR c.id IS NULL""",
)
for table in ("couponhandout", "couponquota", "recruitcode"):
    lined(f"guides_{table}")
