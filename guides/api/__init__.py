"""Doors of the guides floor for other systems."""
