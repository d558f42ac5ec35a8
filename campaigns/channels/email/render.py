"""A message as a mail: plain text, our number as its id, a way to want no more."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from campaigns.channels.letters import Letter


def mail(letter: Letter, *, sender: str, name: str, at: datetime) -> EmailMessage:
    """Write a message as a mail; its id is our number, so that a bounce names it."""
    local, _, domain = sender.rpartition("@")
    message = EmailMessage()
    message["From"] = Address(name, local, domain)
    message["To"] = letter.to
    message["Subject"] = letter.title
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.ref}@{domain}>"
    message["List-Unsubscribe"] = f"<mailto:{sender}?subject=unsubscribe%20{letter.ref}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message
