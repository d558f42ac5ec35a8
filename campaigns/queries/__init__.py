"""Questions of the campaigns floor."""
