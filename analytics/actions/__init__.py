"""Verbs of the analytics floor: the only writers of its tables."""
