"""Deeds of members' books and of their guides, each done by a process of its own that may die at a named point."""

import os
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import time_machine

from guides.actions import handovers, notices, pool, task_rules
from guides.actions.handovers import Spread
from guides.models import Brief
from members.actions import merges, persons
from members.models import Coupon, CouponPlan, Merge
from newretail.kernel import verbs
from newretail.platform.models import Brand
from tests import coupons as cast
from tests import serving, sights, world
from tests.api import machines
from tests.members import consenting

ENDED = "ended"
KEY = "retried"  # the Idempotency-Key of what is sent over the API


def push(secret):
    """An order with its lines over the API."""
    body = machines.order(lines=[machines.line(1, amount="60.00"), machines.line(2, sku="NUT", amount="40.00")])
    answer = machines.post(machines.client(secret), "orders", body, idempotency_key=KEY)
    assert answer.status_code == 201, answer.content


def pay(secret):
    """An order with the coupon and the points it was paid with, over the API."""
    body = machines.order(amount="95.00", points_spent=60)
    body["coupons"] = [{"code": Coupon.objects.get().code, "discount": "5.00"}]
    answer = machines.post(machines.client(secret), "orders", body, idempotency_key=KEY)
    assert answer.status_code == 201, answer.content


def redeem(_word):
    cast.redeem(Coupon.objects.get().code)


def issue(_word):
    members = [world.member(number).pk for number in ("V1", "V2")]
    cast.coupons.issue(plan=CouponPlan.objects.get(), members=members, source="hand", key="k", at=world.NOW)


def merge(_word):
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)


def undo(_word):
    merges.undo(merge=Merge.objects.get(), reason="两人", at=world.NOW)


def erase(_word):
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW)


def consent(_word):
    consenting.say(consenting.row("V1"), consenting.row("V2"), consenting.row("V1", channel="call"))


def hand_over(_word):
    spread = Spread([serving.post(number).pk for number in ("G2", "G3")])
    handovers.hand_over(post=serving.post("G1"), spread=spread, at=world.NOW, by=serving.guide("M1"))


def assign(_word):
    rows = [{"member_no": number, "staff_no": "G1", "source": "wave"} for number in ("V1", "V2", None)]
    serving.assign(brief=Brief.objects.get(), rows=rows)


def deliver(_word):
    notices.deliver(at=world.NOW)


def allocate(_word):
    pool.allocate(at=world.NOW)


def give_daily(_word):
    task_rules.give_daily(as_of=sights.TODAY, at=world.NOW)


def do(deed, word=""):
    """Do one at `world.NOW`, when the clock stands still."""
    with time_machine.travel(world.NOW, tick=False):
        globals()[deed](word)


def die():
    """Do what is asked for line by line: deed, point of death, word; tell how each process ended.

    With `bare` before the deed a verb is no transaction.
    """
    for line in sys.stdin:
        bare, deed, point, word = line.rstrip("\n").split(" ")
        if not (child := os.fork()):
            name, _, nth = point.partition(":")
            os.environ["NEWRETAIL_FAILPOINT"] = f"{name}=kill9:{nth or 1}"
            if bare:
                verbs.transaction = SimpleNamespace(atomic=lambda **_how: nullcontext())
            with Brand.objects.get(code="acme"):
                do(deed, word)
            os._exit(0)
        sys.stdout.write(f"{ENDED} {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()
