"""Many tills at once against the site as it is served: how long each call takes, and whether the books hold."""
