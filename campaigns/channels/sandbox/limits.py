"""How much the sandbox takes."""

BATCH = 2_000  # claimed and settled at once
