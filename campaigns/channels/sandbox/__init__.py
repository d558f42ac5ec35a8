"""The sandbox: messages are settled as sent and shown in the outbox; nothing leaves the house."""
