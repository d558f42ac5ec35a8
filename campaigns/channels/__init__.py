"""Channels: how messages leave the house. One folder for each carrier, with the same rooms in each.

`client` speaks with the other side, `render` writes a message as it wants it, `limits` holds its rates, `receipts`
reads what it tells later, `fake` stands for it in tests.
"""
