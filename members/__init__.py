"""A member's life: who they are, what they bought, how they stand."""
