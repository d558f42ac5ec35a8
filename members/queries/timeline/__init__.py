"""A member's timeline: the strands it is woven of, and how a stretch of it is read."""
