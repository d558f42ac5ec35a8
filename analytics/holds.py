"""What the columns of facts hold: figures of places and days; members stand there as numbers without a name."""

from newretail.kernel.personal import of_nobody

of_nobody(
    "analytics.StoreDay", "analytics.GuideDay", "analytics.DayBuyers", "analytics.StaleDay", "analytics.StaleMember",
    "analytics.PortraitCell", "analytics.CoreRetention", "analytics.StoreStanding", "analytics.StoreMove",
    "analytics.StoreRepeat", "analytics.Contest", "analytics.ContestStanding",
)  # fmt: skip
