"""How much a mail server is given, and how long it is waited for."""

BATCH = 50  # 50 × 10 seconds is within the lease of 15 minutes
SECONDS = 10.0  # for each step of a conversation
