"""Connect channels to whom carries them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from campaigns.channels.carriers import CARRIERS
from campaigns.models import ChannelSetup
from campaigns.models.channels import LONGEST_TERM
from members.models.consents import CHANNELS
from newretail.kernel import sealing
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from newretail.kernel.webhooks import signatures

SEAL = "campaigns.channel"
DEAREST = 10_000_000


class BadConnection(Refused):
    """A connection lacks what its carrier needs."""

    code = "bad_connection"
    sentence = gettext_noop("This connection cannot work; missing or wrong: %(missing)s.")


@verb
def connect(
    *, channel: str, carrier: str, terms: dict[str, Any], at: datetime, by: User | None = None, secret: str = "",
    cost_cents: int = 0, active: bool = True,
) -> ChannelSetup:  # fmt: skip
    """Connect a channel: a new connection, or that of this channel as it is from now on; without a secret it keeps its.

    A gateway without a secret is given one (`secret_of` shows it).
    Refuses: BadConnection.
    Writes: campaigns.channel.connected.
    """
    _check(channel, carrier, terms, cost_cents)
    held = ChannelSetup.objects.select_for_update().filter(channel=channel).first() or ChannelSetup(channel=channel)
    line = journal.write("campaigns.channel.connected", at=at, by=by, subject=f"channel:{channel}", carrier=carrier)
    if held.carrier and held.carrier != carrier:
        held.secret = ""
    if carrier == ChannelSetup.Carrier.GATEWAY and not (secret or held.secret):
        secret = signatures.new_secret()
    held.carrier, held.terms, held.cost_cents, held.active = carrier, terms, cost_cents, active
    held.secret = sealing.seal(SEAL, secret) if secret else held.secret
    held.entry_id = held.entry_id or line.pk
    held.save()
    return held


def _check(channel: str, carrier: str, terms: dict[str, Any], cost_cents: int) -> None:
    wrong = [] if channel in CHANNELS else ["channel"]
    if carrier not in CARRIERS or (carrier == ChannelSetup.Carrier.EMAIL and channel != "email"):
        raise BadConnection(missing=", ".join([*wrong, "carrier"]))
    wrong += [name for name, value in terms.items() if len(str(value)) > LONGEST_TERM or not str(value).isprintable()]
    wrong += [] if 0 <= cost_cents <= DEAREST else ["cost"]
    if wrong := wrong + CARRIERS[carrier].missing(terms):
        raise BadConnection(missing=", ".join(dict.fromkeys(wrong)))


def secret_of(setup: ChannelSetup) -> str:
    """Unseal the secret of a connection, empty where it has none."""
    return sealing.unseal(SEAL, setup.secret) if setup.secret else ""
