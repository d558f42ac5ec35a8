"""Verbs of the campaigns floor."""
