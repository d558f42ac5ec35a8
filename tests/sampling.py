"""Samples: a campaign for tea of June, given to customers."""

from datetime import date, datetime
from typing import Any

from guides.actions import samples
from guides.actions.samples import Offer
from guides.models import Bond, Sample, SampleCampaign
from stores.models import Product
from tests import serving, world


def campaign(code: str = "tea", sku: str = "TEA", **more: Any) -> SampleCampaign:
    """A campaign from the first to the last of June; a tin of tea within 30 days counts."""
    usual: dict[str, Any] = {"name": "新茶试饮", "first_on": date(2026, 6, 1), "last_on": date(2026, 6, 30)}
    seen = more.pop("seen", None)
    offer = Offer(code=code, product=Product.objects.get(sku=sku), **{**usual, **more})
    return samples.keep(offer=offer, at=world.NOW, seen=seen)


def give(member_no: str = "V1", staff_no: str = "G1", code: str = "tea", at: datetime = world.NOW) -> Sample:
    """Let her guide give a member a sample."""
    bond = Bond.objects.select_related("member").filter(member__member_no=member_no).latest("pk")
    return samples.give(bond=bond, campaign=code, at=at, by=serving.guide(staff_no))
