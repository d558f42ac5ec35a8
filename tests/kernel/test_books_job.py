"""The night proves the books: agreeing, the run tells how many laws hold; disagreeing, it fails and says which."""

import pytest

from newretail.kernel import books
from newretail.kernel.actions import jobs
from newretail.kernel.failures import failure_in_words
from newretail.kernel.guard import writing
from newretail.kernel.models import JobRun
from newretail.schedule import NIGHT
from tests import sights, world


def prove():
    run = jobs.enter(name="verify_books", as_of=sights.TODAY, at=world.NOW)
    return jobs.perform(run=run)


def test_books_that_agree_are_told_with_the_number_of_laws(brand):
    sights.trade()
    run = prove()
    assert (run.state, run.counts["unexplained"], run.counts["laws"]) == ("done", 0, len(books.LAWS))
    assert run.counts["waiting"] > 0


@pytest.mark.books_may_break
def test_books_that_disagree_fail_the_run_and_name_the_law_but_no_key(brand):
    from members.models import Order

    sights.trade()
    with writing("tests"):
        Order.objects.filter(order_no="A2").update(refunded_cents=1)
    with pytest.raises(Exception, match="unexplained=1"):
        prove()
    run = JobRun.objects.latest("id")
    assert run.state == "failed"
    assert run.error.startswith("BooksDisagree: unexplained=1: ")
    assert "A2" not in run.error
    assert failure_in_words(run).what == "账目不符：保存的数据与其来源不一致。"


def test_the_books_are_proven_last_in_the_night():
    assert max(NIGHT, key=lambda row: row[1])[0] == "verify_books"
