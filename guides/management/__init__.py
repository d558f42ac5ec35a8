"""Commands of the guides floor."""
