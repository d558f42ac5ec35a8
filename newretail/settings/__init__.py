"""Settings: base for every machine, test adds speed and guards, prod adds strictness."""
