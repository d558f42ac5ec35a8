"""What is earned beside sales: a bounty for each customer won, a bonus for each task done in time.

The same statements give what shall be in the books and what a draft would have brought: they read what is paid from
tmp_pay_extras, that `lay_terms` makes.
"""

from collections.abc import Sequence

from guides.queries.policies import Counting
from newretail.kernel import sql

# Of the bonds b that {where} names; only who has never been anybody's customer is won; who deletes her guide within
# the days was not.
WON = """
SELECT b.id AS ref, b.post_id, p.user_id, s.policy_id, b.began_at AS earned_at, s.vests_on, CASE
    WHEN b.source <> 'scan' OR EXISTS (SELECT FROM guides_bond f WHERE f.member_id = b.member_id AND f.id < b.id) THEN 0
    WHEN b."end" = 'deleted' AND (b.ended_at AT TIME ZONE %(zone)s)::date < s.vests_on THEN 0
    ELSE s.cents END AS cents
FROM guides_bond b JOIN stores_post p ON p.id = b.post_id
CROSS JOIN LATERAL (
  SELECT t.policy_id, t.cents, (b.began_at AT TIME ZONE %(zone)s)::date + t.days AS vests_on FROM tmp_pay_extras t
  WHERE t.of = 'bond' AND (b.began_at AT TIME ZONE %(zone)s)::date >= t.from_on
    AND (b.began_at AT TIME ZONE %(zone)s)::date < t.until_on) s
WHERE {where}
"""
WON_WITHIN = WON.format(where="b.began_at >= %(since)s AND b.began_at < %(until)s")
# The tasks of the posts and months (local) that {concerned} names: so many of a month count as the scheme says, the
# first ones.
DONE = """
WITH concerned AS ({concerned})
SELECT k.id AS ref, k.post_id, p.user_id, t.policy_id, k.ended_at AS earned_at, k.ended_on + 1 AS vests_on,
  CASE WHEN k.state = 'done' AND k.ended_at <= k.due_at AND k.nth <= t.most THEN t.cents ELSE 0 END AS cents
FROM (
  SELECT k.*, (k.ended_at AT TIME ZONE %(zone)s)::date AS ended_on,
    row_number() OVER (
      PARTITION BY k.post_id, c.month, k.state, k.ended_at <= k.due_at ORDER BY k.ended_at, k.id) AS nth
  FROM guides_task k JOIN concerned c ON c.post_id = k.post_id AND k.ended_at >= c.month AT TIME ZONE %(zone)s
    AND k.ended_at < (c.month + interval '1 month') AT TIME ZONE %(zone)s
  WHERE k.state IN ('checking', 'done')) k
JOIN stores_post p ON p.id = k.post_id
JOIN tmp_pay_extras t ON t.of = 'task' AND k.ended_on >= t.from_on AND k.ended_on < t.until_on
"""
TERMS = """
CREATE TEMPORARY TABLE tmp_pay_extras (of text, policy_id bigint, from_on date, until_on date, cents bigint, days int,
  most int) ON COMMIT DROP
"""
TERM = """
INSERT INTO tmp_pay_extras VALUES (%(of)s, %(policy)s, %(from)s, coalesce(%(until)s::date, 'infinity'), %(cents)s,
  %(days)s, %(most)s)
"""
NO_LIMIT = 10**9


def lay_terms(schemes: Sequence[Counting]) -> bool:
    """Keep what versions of the scheme pay beside sales in tmp_pay_extras; tell whether any pays."""
    sql.execute("DROP TABLE IF EXISTS pg_temp.tmp_pay_extras")
    sql.execute(TERMS)
    pays = False
    for one in schemes:
        given = {"policy": one.policy.pk, "from": one.from_on, "until": one.until_on}
        bounty = {"of": "bond", "cents": one.terms.bounty_cents, "days": one.terms.bounty_days, "most": NO_LIMIT}
        bonus = {"of": "task", "cents": one.terms.task_cents, "days": 0, "most": one.terms.tasks_most or NO_LIMIT}
        for each in (bounty, bonus):
            sql.execute(TERM, {**given, **each})
            pays = pays or bool(each["cents"])
    return pays
