"""The same request with the same Idempotency-Key meets the same answer, and has one effect."""

from datetime import timedelta

import pytest
import time_machine

from members.actions import arrivals
from members.models import Order
from newretail.kernel.actions import answers
from newretail.kernel.models import KeptAnswer
from tests import world
from tests.api.machines import account, line, machine, order, post


@pytest.fixture
def till(noon):
    world.chain()
    return machine()


def test_a_request_sent_again_meets_its_first_answer_whatever_has_changed(till):
    first = post(till, "orders", order(lines=[line()]), idempotency_key="k1")
    post(till, "orders", order(channel="mall"))
    again = post(till, "orders", order(lines=[line()]), idempotency_key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, again.content)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert till.get("/api/v1/orders/pos/A1").json()["channel"] == "mall"


def test_a_key_given_with_another_body_is_refused(till):
    post(till, "orders", order(), idempotency_key="k1")
    answer = post(till, "orders", order("A2"), idempotency_key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_a_key_belongs_to_its_account(till):
    post(till, "orders", order(), idempotency_key="k1")
    other = machine(of=account("mall"))
    assert post(other, "orders", order("A2"), idempotency_key="k1").status_code == 201


def test_a_refusal_is_kept_like_any_answer(till):
    first = post(till, "orders", order(store_code="NEW"), idempotency_key="k1")
    world.stores({"code": "NEW", "name": "新店", "region": "华东", "city": "上海"})
    again = post(till, "orders", order(store_code="NEW"), idempotency_key="k1")
    assert (first.status_code, again.content) == (422, first.content)
    assert post(till, "orders", order(store_code="NEW"), idempotency_key="k2").status_code == 201


def test_a_fault_of_ours_keeps_no_answer_and_leaves_nothing(till, monkeypatch):
    def fail(**_given):
        raise RuntimeError("cause of ours")

    with monkeypatch.context() as patch:
        patch.setattr(arrivals, "take", fail)
        answer = post(till, "orders", order(), idempotency_key="k1")
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert "cause of ours" not in answer.content.decode()
    assert not KeptAnswer.objects.exists()
    assert post(till, "orders", order(), idempotency_key="k1").status_code == 201


def test_an_answer_is_kept_for_a_day_and_forgotten_by_the_night(till):
    post(till, "orders", order(), idempotency_key="k1")
    later = world.NOW + timedelta(hours=25)
    with time_machine.travel(later, tick=False):
        assert post(till, "orders", order("A2"), idempotency_key="k1").status_code == 201
    assert KeptAnswer.objects.count() == 1
    assert answers.forget(at=later) == 0
    assert answers.forget(at=later + timedelta(hours=25)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_that_is_none_is_refused(till, key):
    answer = post(till, "orders", order(), idempotency_key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert not Order.objects.exists()
