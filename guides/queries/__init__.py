"""Questions of the guides floor."""
