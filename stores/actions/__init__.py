"""Verbs of the stores floor: the only writers of its tables."""
