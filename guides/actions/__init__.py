"""Verbs of the guides floor, one file for each noun."""
