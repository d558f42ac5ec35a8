"""What we learned: facts, scores, boards."""
