"""Speaks SMTP with a mail server: one conversation for a batch, each message settled by the server's own word."""

import smtplib
import ssl
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from campaigns.channels import letters
from campaigns.channels.email import limits, render
from campaigns.channels.letters import CannotConnect, Connection, Letter, Wire
from members.actions.touches import Settlement

PORTS = range(1, 65_536)
SECURITIES = ("starttls", "tls", "none")


class _Conversation:
    def __init__(self, server: smtplib.SMTP, connection: Connection) -> None:
        self.server, self.connection = server, connection

    def send(self, messages: Sequence[Letter], at: datetime) -> Iterator[Settlement]:
        """Send mails one by one."""
        return (self._sent(letter, at) for letter in messages)

    def _sent(self, letter: Letter, at: datetime) -> Settlement:
        """Send one mail; only the server's yes is a yes, a conversation broken off after the text leaves it unknown."""
        terms = self.connection.terms
        try:
            message = render.mail(letter, sender=terms["sender"], name=terms.get("name", ""), at=at)
        except ValueError:  # what is no address
            return letters.failed(letter.ref, "unreachable")
        try:
            self.server.send_message(message)
        except smtplib.SMTPRecipientsRefused:
            return letters.failed(letter.ref, "unreachable")
        except smtplib.SMTPResponseException:
            return letters.failed(letter.ref, "refused")
        except (OSError, smtplib.SMTPException):
            return letters.unknown(letter.ref)
        return letters.sent(letter, self.connection.cost_cents)

    def ask(self, refs: Sequence[uuid.UUID], at: datetime) -> Iterator[Settlement]:
        """Tell nothing: a mail server knows nothing of the past."""
        return iter(())


class Mail:
    """A mail server."""

    BATCH = limits.BATCH

    @contextmanager
    def open(self, connection: Connection) -> Iterator[Wire]:
        """Greet the server, by TLS unless told otherwise, and sign in. Raises CannotConnect."""
        terms = connection.terms
        try:
            server = self._greeted(terms)
            if terms.get("user"):
                server.login(terms["user"], connection.secret)
        except (OSError, smtplib.SMTPException) as error:
            raise CannotConnect(type(error).__name__) from None
        try:
            yield _Conversation(server, connection)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _greeted(self, terms: dict[str, Any]) -> smtplib.SMTP:
        security, port = terms.get("security", "starttls"), int(terms["port"])
        if security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(terms["host"], port, timeout=limits.SECONDS, context=context)
        server = smtplib.SMTP(terms["host"], port, timeout=limits.SECONDS)
        if security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server

    def missing(self, terms: dict[str, Any]) -> list[str]:
        """Name the terms that are missing or wrong: host, port, sender; security is starttls, tls or none."""
        port = str(terms.get("port", ""))
        wrong = {
            "host": not terms.get("host"),
            "port": not (port.isascii() and port.isdigit() and int(port) in PORTS),
            "sender": "@" not in str(terms.get("sender", "")),
            "security": terms.get("security", "starttls") not in SECURITIES,
        }
        return [name for name, is_wrong in wrong.items() if is_wrong]
