"""Webhooks: how messages are signed, which addresses are called, how a call is made."""
