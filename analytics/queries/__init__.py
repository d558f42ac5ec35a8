"""Questions about what we learned: scores as of a day, facts, and all that the boards show."""
