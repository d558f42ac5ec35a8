"""newretail: the roof. It composes the floors by name and decides nothing."""
