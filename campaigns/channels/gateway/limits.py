"""How much a gateway is given."""

BATCH = 40  # 40 × 15 seconds is within the lease of 15 minutes
LONGEST_ANSWER = 2_000
