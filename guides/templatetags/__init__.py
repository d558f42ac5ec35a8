"""Tags of the guides' pages."""
