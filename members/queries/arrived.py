"""What other systems have told of members lately."""

from newretail.kernel import sql

LATEST = 10_000
KINDS = """
SELECT kind FROM (SELECT kind FROM members_event ORDER BY id DESC LIMIT %(latest)s) e
GROUP BY kind ORDER BY count(*) DESC, kind LIMIT 50
"""


def kinds() -> list[str]:
    """List the kinds among the latest events, the most frequent first."""
    return [kind for (kind,) in sql.rows(KINDS, {"latest": LATEST})]
