"""A gateway of the brand's that takes messages over signed HTTP."""
