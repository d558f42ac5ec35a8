"""Proofs of the embedded servers, the two roles, and the ways a command finds its database."""
