"""The door for other systems: who comes in, how a request is read, how it is answered."""
