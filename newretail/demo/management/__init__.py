"""Commands of the demo brand."""
