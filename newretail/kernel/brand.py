"""A brand's settings: their defaults, and the value in force."""

from typing import Any

from newretail.kernel.models import Setting

# key → default; money in cents, days and months whole, half-open bounds
DEFAULTS: dict[str, Any] = {
    "lifecycle_months": [3, 6, 9, 12],  # PRODUCT.md Lifecycle: wake, win-back, dormant, lost begin
    "new_days": 90,  # one purchase within so many days: new, else one-timer
    "super_orders": 3,  # PRODUCT.md Super customer: at least three purchases within a year …
    "super_cents": None,  # … and this much money; None: the 80th percentile of the base
    "rfm_cuts": None,  # {"last_day": [4], "frequency": [4], "monetary": [4]}; None: quintiles
    "core_days": 90,  # a core customer is kept when she buys again within so many days
}


def setting(key: str) -> Any:
    """Give the value in force of a setting, its default when it was never set."""
    row = Setting.objects.filter(key=key).order_by("-id").first()
    return DEFAULTS[key] if row is None else row.value
