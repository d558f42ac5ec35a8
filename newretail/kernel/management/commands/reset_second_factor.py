"""manage.py reset_second_factor USER --brand CODE: for somebody who lost her phone and her spare codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from newretail.kernel import clock
from newretail.kernel.actions import factors
from newretail.kernel.inbrand import BrandCommand
from newretail.kernel.models import User


class Command(BrandCommand):
    """Take somebody's second factor off; she sets a new one up when she signs in. The last line is JSON."""

    help = "Take a person's second factor off; her sessions end, the journal tells."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the user name."""
        super().add_arguments(parser)
        parser.add_argument("username")

    def work(self, *, username: str, **_: Any) -> None:
        """Find her and reset."""
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError(f"没有这个用户 / There is no such user: {username}", returncode=2)
        factors.reset(user=user, at=clock.now())
        self.answer(username=user.username, second_factor=False)
