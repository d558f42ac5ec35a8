"""What the columns of stores, their people and their targets hold: of members nothing but what somebody writes down."""

from newretail.kernel.personal import declare, of_nobody

declare("stores.Post", staff="role since until")
declare("stores.WeeklyReview", mentions="words", plain="monday side said_at")
declare("stores.TargetPlan", mentions="reason", plain="month metric version planned_at")
of_nobody(
    "stores.Channel", "stores.Scene", "stores.Category", "stores.Product", "stores.Region", "stores.Store",
    "stores.Target", "stores.DayWeight",
)  # fmt: skip
