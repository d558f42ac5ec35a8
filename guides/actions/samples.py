"""Samples: HQ says what is given to try, supplies stores with it; a guide gives one to a customer of hers, once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from guides.models import Bond, Sample, SampleCampaign, SampleStock
from guides.models.samples import LONGEST_SPAN, MOST_STOCK
from members.actions import merges
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Product

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('guides.sample_campaign:' || %(code)s, 0))"
TAKE = """
UPDATE guides_samplestock SET given = given + 1
WHERE campaign_id = %(campaign)s AND store_id = %(store)s AND given < supplied RETURNING id
"""
SUPPLY = """
INSERT INTO guides_samplestock (campaign_id, store_id, supplied, given, entry_id)
SELECT %(campaign)s, s.id, w.supplied, 0, %(entry)s
FROM jsonb_to_recordset(%(rows)s::jsonb) w(code text, supplied int) JOIN stores_store s ON s.code = w.code ORDER BY s.id
ON CONFLICT (campaign_id, store_id) DO UPDATE SET supplied = EXCLUDED.supplied, entry_id = EXCLUDED.entry_id
"""


class BadCampaign(Refused):
    """Its span, days or stock hold no sense."""

    code = "bad_sample_campaign"
    sentence = gettext_noop(
        "Give a first day not after the last, 1 to %(days)s days to buy in, and for each store a whole number up to"
        " %(most)s that is not less than what it gave already."
    )


class CampaignChanged(Refused):
    """Somebody else kept it meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has changed this campaign meanwhile; look at it as it stands now.")


class NotToGive(Refused):
    """Nothing is given there and then."""

    code = "no_sample_to_give"
    sentence = gettext_noop("This sample is not given here now: look at the list again.")


class NoSampleLeft(Refused):
    """The store has given all it had."""

    code = "no_sample_left"
    sentence = gettext_noop("Your store has given all its samples of %(campaign)s.")


class HadOne(Refused):
    """She was given one before."""

    code = "had_a_sample"
    sentence = gettext_noop("She was given a sample of %(campaign)s before.")


@dataclass(frozen=True)
class Offer:
    """What a campaign says; see `SampleCampaign`. `stock`: how many each store has, by its code; none: every store."""

    code: str
    name: str
    product: Product
    first_on: date
    last_on: date
    days: int = 30
    counts: str = SampleCampaign.Counts.PRODUCT
    stock: Mapping[str, int] | None = None


@verb
def keep(*, offer: Offer, at: datetime, by: User | None = None, seen: int | None = None) -> SampleCampaign:
    """Keep a campaign under its code, with the stock of its stores.

    `seen`: the `entry_id` of what was shown, 0 where there was none.
    Refuses: BadCampaign, CampaignChanged.
    Writes: guides.sample_campaign.kept.
    """
    sql.rows(LOCK, {"code": offer.code})
    found = SampleCampaign.objects.filter(code=offer.code).first()
    if seen is not None and seen != (found.entry_id if found else 0):
        raise CampaignChanged
    stock = dict(offer.stock or {})
    fits = offer.first_on <= offer.last_on and 1 <= offer.days <= LONGEST_SPAN
    if not fits or not all(0 <= count <= MOST_STOCK for count in stock.values()):
        raise BadCampaign(days=LONGEST_SPAN, most=MOST_STOCK)
    line = journal.write("guides.sample_campaign.kept", at=at, by=by, subject=offer.code, stores=len(stock))
    campaign = found or SampleCampaign(code=offer.code)
    for name in ("name", "product", "first_on", "last_on", "days", "counts"):
        setattr(campaign, name, getattr(offer, name))
    campaign.entry_id = line.pk
    campaign.save()
    _supply(campaign, stock, line.pk)
    return campaign


def _supply(campaign: SampleCampaign, stock: Mapping[str, int], entry: int) -> None:
    """Let the stores have so many; what a store gave already stays given."""
    rows = json.dumps([{"code": code, "supplied": count} for code, count in sorted(stock.items())])
    try:
        with transaction.atomic():
            sql.execute(SUPPLY, {"campaign": campaign.pk, "rows": rows, "entry": entry})
    except IntegrityError:
        raise BadCampaign(days=LONGEST_SPAN, most=MOST_STOCK) from None


@verb
def give(*, bond: Bond, campaign: str, at: datetime, by: User) -> Sample:
    """Give the customer of a bond a sample of a campaign (its code): she is given one, ever, in whatever row she lives.

    Refuses: NotToGive, HadOne, NoSampleLeft.
    Writes: guides.sample.given.
    """
    family = merges.hold_person(bond.member)
    held = Bond.objects.select_for_update(no_key=True, of=("self",)).select_related("post", "member").get(pk=bond.pk)
    today = clock.business_day(at)
    found = SampleCampaign.objects.filter(code=campaign, first_on__lte=today, last_on__gte=today).first()
    if found is None or held.ended_at or held.member.erased_at:
        raise NotToGive
    if Sample.objects.filter(campaign=found, member__in=family).exists():
        raise HadOne(campaign=found.name)
    failpoint("sample.judged")
    _take(found, held)
    line = journal.write("guides.sample.given", at=at, by=by, subject=f"member:{family[0]}", campaign=found.code)
    return Sample.objects.create(
        campaign=found, member_id=family[0], post_id=held.post_id, given_at=at, by=by, entry_id=line.pk
    )


def _take(campaign: SampleCampaign, bond: Bond) -> None:
    """Take one out of the store's stock; where no store has one, none is counted."""
    stocks = SampleStock.objects.filter(campaign=campaign)
    if not stocks.exists():
        return
    if not stocks.filter(store=bond.post.store_id).exists():
        raise NotToGive
    if not sql.rows(TAKE, {"campaign": campaign.pk, "store": bond.post.store_id}):
        raise NoSampleLeft(campaign=campaign.name)
