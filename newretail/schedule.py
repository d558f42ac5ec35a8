"""The whole clock in one table: what runs by itself, when (the brand's own time), in which order."""

from datetime import time

# name of the job, the brand's local time at which it falls due
NIGHT: tuple[tuple[str, time], ...] = (
    ("refresh_segments", time(0, 0)),
    ("expire_points", time(0, 5)),
    ("expire_coupons", time(0, 5)),
    ("lapse_gift_orders", time(0, 5)),
    ("expire_tasks", time(0, 5)),
    ("close_leaves", time(0, 10)),
    ("release_points", time(0, 10)),
    ("vest_commission", time(0, 10)),
    ("find_duplicates", time(0, 10)),
    ("give_coupons", time(0, 10)),
    ("expire_tags", time(0, 20)),
    ("replay_day", time(0, 30)),
    ("score_rfm", time(1, 0)),
    ("move_lifecycle", time(1, 30)),
    ("assess_levels", time(1, 40)),
    ("apply_tag_rules", time(1, 45)),
    ("give_birthday_gifts", time(1, 50)),
    ("give_tasks", time(1, 55)),
    ("work_pool", time(1, 55)),
    ("plan_moments", time(1, 55)),
    ("refresh_facts", time(2, 0)),
    ("plan_touches", time(2, 10)),
    ("foresee_plans", time(2, 15)),
    ("settle_commission", time(2, 20)),
    ("assess_guides", time(2, 22)),
    ("compute_commission", time(2, 25)),
    ("measure_retention", time(2, 30)),
    ("fill_holidays", time(3, 0)),
    ("learn_weights", time(3, 15)),
    ("forget_files", time(3, 20)),
    ("forget_events", time(3, 25)),
    ("expire_parked", time(3, 25)),
    ("close_exports", time(3, 30)),
    ("forget_persons", time(3, 35)),
    ("doubt_touches", time(3, 40)),
    ("ask_touches", time(3, 45)),
    ("verify_books", time(4, 0)),
)

# jobs that only one brand has
ONLY = {"replay_day": "demo"}

BEAT = {
    "due-jobs-of-every-brand": {"task": "platform.wake_brands", "schedule": 60.0},
    "queued-runs-of-every-brand": {"task": "platform.sweep_brands", "schedule": 60.0},
    "relay-of-every-brand": {"task": "platform.relay_brands", "schedule": 10.0},
    "webhooks-of-every-brand": {"task": "platform.exchange_brands", "schedule": 10.0, "options": {"expires": 30}},
}

# Lanes of workers: what people wait for does not stand behind a long night, nor anything of ours behind another
# system's slowness. A worker without -Q takes all.
NIGHT_LANE, QUEUED_LANE, WEBHOOKS_LANE = "celery", "queued", "webhooks"
ROUTES = {
    "kernel.perform_queued": {"queue": QUEUED_LANE},
    "platform.sweep_brands": {"queue": QUEUED_LANE},
    "kernel.send_webhooks": {"queue": WEBHOOKS_LANE},
    "kernel.work_inbox": {"queue": WEBHOOKS_LANE},
    "platform.exchange_brands": {"queue": WEBHOOKS_LANE},
}
