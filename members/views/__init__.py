"""Pages of the members floor outside the admin."""
