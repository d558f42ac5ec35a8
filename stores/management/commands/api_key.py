"""manage.py api_key NAME --brand CODE: issue a key to another system, renew or revoke one, list them."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from newretail.kernel import clock
from newretail.kernel.actions import keys
from newretail.kernel.inbrand import BrandCommand
from newretail.kernel.models import ApiKey
from stores.actions import posts
from stores.models import Store

GRACE_DAYS = 7


class Command(BrandCommand):
    """Issue, renew, revoke or list keys; the last line is JSON. The text of a key is shown once."""

    help = "Issue an API key to another system, renew or revoke one, or list them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the system's name or a key's beginning."""
        super().add_arguments(parser)
        parser.add_argument("name", nargs="?", default="", help="the system, such as pos or mall")
        parser.add_argument("--store", default="", help="confine it to this store")
        parser.add_argument(
            "--right", action="append", choices=keys.on_offer(), help="one right; all but personal data when left out"
        )
        parser.add_argument("--per-minute", type=int, default=keys.USUAL_PER_MINUTE)
        parser.add_argument("--renew", metavar="PREFIX", help=f"issue a successor; this one ends in {GRACE_DAYS} days")
        parser.add_argument("--revoke", metavar="PREFIX", help="end a key at once")

    def work(self, *, name: str, renew: str | None, revoke: str | None, **options: Any) -> None:
        """Do what was asked for; without a name or a key, list them."""
        at = clock.now()
        if renew:
            self._tell(keys.renew(key=_found(renew), grace=timedelta(days=GRACE_DAYS), at=at))
        elif revoke:
            keys.revoke(key=_found(revoke), at=at)
            self.answer(revoked=revoke)
        elif name:
            self._issue(name, **options)
        else:
            self.answer(keys=[_shown(key) for key in ApiKey.objects.select_related("account")])

    def _issue(self, name: str, *, store: str, right: list[str] | None, per_minute: int, **_: Any) -> None:
        at, place = clock.now(), Store.objects.filter(code=store).first() if store else None
        if store and place is None:
            raise CommandError(f"没有这个编码的门店 / There is no store with this code: {store}", returncode=2)
        account = posts.admit_system(name=name, store=place, at=at)
        self._tell(keys.issue(account=account, rights=right or keys.usual(), per_minute=per_minute, at=at))

    def _tell(self, issued: keys.Issued) -> None:
        self.answer(key=issued.text, **_shown(issued.key))


def _found(prefix: str) -> ApiKey:
    key = ApiKey.objects.filter(prefix=prefix).first()
    if key is None:
        raise CommandError(f"没有这个密钥 / There is no key that begins so: {prefix}", returncode=2)
    return key


def _shown(key: ApiKey) -> dict[str, object]:
    used = key.last_used_at.isoformat() if key.last_used_at else None
    ended = key.revoked_at or key.expires_at
    return {
        "prefix": key.prefix, "account": key.account.username, "rights": key.rights,
        "per_minute": key.per_minute, "last_used_at": used, "ends_at": ended.isoformat() if ended else None,
    }  # fmt: skip
