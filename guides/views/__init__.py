"""Pages of a guide's phone."""
