"""Who serves whom: the floor stands ready, its nouns come with the guide's day."""
