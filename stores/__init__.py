"""Where and what: regions, stores, posts, channels, products."""
