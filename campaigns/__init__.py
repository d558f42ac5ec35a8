"""What we intend: the floor stands ready, its nouns come with the touch plans."""
