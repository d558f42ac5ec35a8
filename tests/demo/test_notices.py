"""The demo's notices are read by most, its problems stand each at another point; told again, nothing is added."""

import pytest

from guides.models import Escalation, Notice, NoticeReceipt, NoticeWithdrawal
from newretail.demo import notices
from newretail.kernel import books
from tests import noticing, serving, sights, world


@pytest.fixture
def shops(noon):
    serving.shops()
    noticing.hq()
    world.buy(world.order("A1", "9", "2026-06-01", store_code="SH01"))
    sights.person("supervisor")


def test_most_is_read_and_what_was_taken_up_stands_at_every_point(shops):
    assert notices.tell(at=world.NOW) == NoticeReceipt.objects.count() > 20
    assert Notice.objects.filter(audience="regions").count() == 1
    assert NoticeReceipt.objects.filter(read_at__isnull=False).exists()
    assert NoticeWithdrawal.objects.get().notice.receipts.exists()
    assert sorted(Escalation.objects.values_list("state", "level")) == [
        ("answered", "manager"), ("open", "manager"), ("open", "supervisor")
    ]  # fmt: skip
    assert notices.tell(at=world.NOW) == 0
    assert books.verify() == []
