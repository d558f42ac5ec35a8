"""A guide of the same store sees nothing of another's customers and tasks, by any address and method."""

import uuid

import pytest

from guides.actions import credits, evidence
from guides.actions.credits import Claim
from guides.actions.notices import Attached
from members.models import Order
from newretail.kernel.guard import writing
from tests import earning, noticing, paying, serving, sharing, sights, world
from tests.scopes import addresses

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")


def of_guides():
    """The addresses of a guide's phone that name a row."""
    return [each for each in addresses.every() if each.name.startswith("guide_") and each.arguments and not each.open]


def at_work(user, *, is_active):
    """Let somebody be away while something is sent to her store."""
    with writing("tests"):
        type(user).objects.filter(pk=user.pk).update(is_active=is_active)


@pytest.fixture
def rows(noon):
    """What each argument names: rows of 小美 alone."""
    serving.shops()
    paying.rules()
    earning.buy(staff_no="G1", paid_at="2026-06-10")
    order = Order.objects.get(order_no="A1")
    claim = Claim("张三的单", sharing.picture())
    raised = credits.dispute(order=order, post=serving.post("G1"), claim=claim, ref=uuid.uuid4(), at=world.NOW)
    at_work(other := serving.guide("G2"), is_active=False)
    notice = noticing.send(noticing.stores("SH01"), files=[Attached("a.pdf", "pdf", b"%PDF-")])
    at_work(other, is_active=True)
    sharing.material()
    task = serving.give("V1", "G1", brief=serving.brief(wants_evidence=True))
    evidence.add(task=task.ref, within=[task.post_id], photo=sharing.picture(), at=world.NOW, by=serving.guide("G1"))
    return {
        ("month",): "2026-06",
        ("month", "nth"): ("2026-06", 1),
        ("claim",): raised.ref,
        ("task",): task.ref,
        ("task", "nth"): (task.ref, 1),
        ("share",): sharing.share(task=task).ref,
        ("member_no",): "V1",
        ("escalation",): serving.take_up("G1").ref,
        ("notice",): notice.ref,
        ("notice", "nth"): (notice.ref, 1),
    }


def test_every_address_is_walked(rows):
    assert {address.arguments for address in of_guides()} == set(rows)


def test_what_is_anothers_is_not_there(rows):
    own, other = serving.phone("G1"), serving.phone("G2")
    for address in of_guides():
        path = address.at(rows[address.arguments])
        met = {method: other.generic(method, path) for method in METHODS}
        assert {answer.status_code for answer in met.values()} <= {404, 405}, path
        assert "张三" not in "".join(sights.text(answer) for answer in met.values())
    for path in ("/g/pay/", "/g/pay/claims/"):
        assert "A1" in sights.text(own.get(path))
        assert "A1" not in sights.text(other.get(path))
    assert "张三" in sights.text(own.get("/g/"))
    assert "张三" not in sights.text(other.get("/g/"))
