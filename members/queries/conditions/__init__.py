"""Conditions on members: what may be asked, a tree of it read, as one statement, explained of one member."""
