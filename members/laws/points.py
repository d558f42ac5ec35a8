"""Laws of points: accounts are the sums of their entries, lots the rest of what came in, nothing is used twice."""

from newretail.kernel.books import law

ACCOUNT = "SELECT m.member_no, a.{0}::text, coalesce(s.n, 0)::text FROM members_pointsaccount a"
ACCOUNT += " JOIN members_member m ON m.id = a.member_id LEFT JOIN ({1}) s ON s.account_id = a.id"
ACCOUNT += " WHERE a.{0} <> coalesce(s.n, 0)"
SUMS = "SELECT account_id, sum({}) AS n FROM members_pointsentry GROUP BY 1"
LEFT = "SELECT account_id, sum(remaining) AS n FROM members_pointslot WHERE state = '{}' GROUP BY 1"

law("a points balance is the sum of its entries", ACCOUNT.format("balance", SUMS.format("points")))
law("pending points are the sum of their entries", ACCOUNT.format("pending", SUMS.format("pending")))
law("a debt of points is the sum of its entries", ACCOUNT.format("debt", SUMS.format("owed")))
law("a points balance is what is left of open lots", ACCOUNT.format("balance", LEFT.format("open")))
law("pending points are what is left of pending lots", ACCOUNT.format("pending", LEFT.format("pending")))
law(
    "what is left of a lot is what came in less what was used",
    "SELECT l.origin_id::text, l.remaining::text, (l.points - coalesce(u.n, 0))::text FROM members_pointslot l"
    " LEFT JOIN (SELECT lot_id, sum(points) AS n FROM members_pointsuse GROUP BY 1) u ON u.lot_id = l.origin_id"
    " WHERE l.remaining <> l.points - coalesce(u.n, 0)",
)
law(
    "an entry that takes points used as many of lots, one that puts them back too",
    "SELECT e.id::text, (-e.points - e.pending)::text, coalesce(u.n, 0)::text FROM members_pointsentry e"
    " LEFT JOIN (SELECT points_entry_id, sum(points) AS n FROM members_pointsuse GROUP BY 1) u"
    " ON u.points_entry_id = e.id WHERE NOT EXISTS (SELECT FROM members_pointslot l WHERE l.origin_id = e.id)"
    " AND -e.points - e.pending <> coalesce(u.n, 0)",
)
law(
    "a lot holds what its entry brought",
    "SELECT l.origin_id::text, l.points::text, (e.points + e.pending)::text FROM members_pointslot l"
    " JOIN members_pointsentry e ON e.id = l.origin_id WHERE l.points <> e.points + e.pending"
    " OR l.account_id <> e.account_id",
)
law(
    "no more is taken back from an order's line than it earned",
    "SELECT e.source || '/' || e.source_no || '/' || e.line_no, e.rule, sum(e.points + e.pending - e.owed)::text"
    " FROM members_pointsentry e WHERE e.kind IN ('earn', 'refund') AND e.rule <> ''"
    " GROUP BY e.source, e.source_no, e.line_no, e.rule HAVING sum(e.points + e.pending - e.owed) < 0",
)
law(
    "no more is put back than was spent",
    "SELECT s.id::text, (-s.points)::text, r.n::text FROM members_pointsentry s JOIN (SELECT reverses_id,"
    " sum(points) AS n FROM members_pointsentry GROUP BY 1) r ON r.reverses_id = s.id WHERE r.n > -s.points",
)
law(
    "gifts are zero-sum",
    "SELECT source || '/' || source_no, sum(points)::text, '0' FROM members_pointsentry"
    " WHERE kind IN ('gift_out', 'gift_in', 'settle') GROUP BY source, source_no HAVING sum(points) <> 0",
)
law(
    "whoever owes points holds none",
    "SELECT m.member_no, a.balance::text, a.debt::text FROM members_pointsaccount a"
    " JOIN members_member m ON m.id = a.member_id WHERE a.balance > 0 AND a.debt > 0",
)
law(
    "every points entry has its journal line",
    "SELECT t.id::text, t.entry_id::text, 'no line' FROM members_pointsentry t WHERE NOT EXISTS"
    " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
)
