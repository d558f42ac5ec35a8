"""Verbs of the members floor: the only writers of its tables."""
