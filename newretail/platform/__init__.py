"""Whose: brands and their domains; the servers this installation brings along."""
