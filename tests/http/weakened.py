"""The site weakened: processes that die where a request says so, little patience with twins, redemptions unguarded."""

import os
from collections.abc import Sequence
from typing import Any

from newretail.wsgi import application as whole  # isort: skip - it sets Django up

from members.actions import redemptions
from newretail.kernel import sql
from newretail.kernel.actions import answers

look = redemptions.coupons.found


def looked(uses: Sequence[Any], *_before: str) -> dict[str, Any]:
    """Look without queueing, and let others look too before anybody acts."""
    found = look(uses)
    sql.rows("SELECT 1 FROM pg_sleep(0.5)")
    return found


answers.TWIN_WAITS = "300ms"
redemptions.coupons.found = looked
redemptions.REDEEM = redemptions.REDEEM.replace(
    "WHERE c.id = u.coupon_id AND (c.state = 'issued'", "WHERE c.id = u.coupon_id AND (true OR c.state = 'issued'"
)


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Answer, unless the request names a failpoint that it reaches."""
    os.environ["NEWRETAIL_FAILPOINT"] = environ.get("HTTP_X_FAILPOINT", "")
    return whole(environ, start_response)
