"""Statements that a connection plans once: the guard sees them, a failure leaves them usable, each brand has its own."""

import pytest
from django.db import DataError, connection, transaction
from django_tenants.utils import schema_context

from newretail.kernel import sql
from newretail.kernel.guard import WriteOutsideVerb, writing

HELD = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%/* each */%%'"
SHARE = "/* each */ SELECT %(whole)s::int / %(parts)s::int"


@pytest.mark.django_db
def test_a_statement_is_prepared_once_by_its_connection():
    assert [sql.prepared({"whole": whole, "parts": 2}, SHARE)[0][0] for whole in (4, 6, 8)] == [2, 3, 4]
    assert sql.rows(HELD) == [(1,)]


@pytest.mark.django_db
def test_several_run_in_one_round_trip_and_the_last_one_answers(django_assert_num_queries):
    sql.rows("SELECT 1")
    with django_assert_num_queries(1):
        found = sql.prepared({"x": 1}, "SELECT %(x)s::int", "SET LOCAL work_mem = '5MB'", "SELECT %(x)s::int + 1")
    assert found == [(2,)]


@pytest.mark.django_db
def test_what_failed_at_its_first_call_runs_at_the_next():
    with pytest.raises(DataError), transaction.atomic():
        sql.prepared({"whole": 1, "parts": 0}, SHARE + " AS failed")
    assert sql.prepared({"whole": 1, "parts": 1}, SHARE + " AS failed") == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_another_connection_prepares_it_anew():
    sql.prepared({"whole": 4, "parts": 2}, SHARE)
    connection.close()
    assert sql.prepared({"whole": 4, "parts": 2}, SHARE) == [(2,)]


@pytest.mark.django_db
def test_a_prepared_statement_reads_the_brand_at_work(brand):
    where = "SELECT %(n)s::int, to_regclass('members_member')::text, count(*) FROM kernel_setting"
    here = sql.prepared({"n": 1}, where)
    with schema_context("public"):
        sql.execute("CREATE TEMPORARY TABLE kernel_setting AS SELECT generate_series(1, 7)")
        assert sql.prepared({"n": 1}, where) == [(1, None, 7)]
        sql.execute("DROP TABLE IF EXISTS pg_temp.kernel_setting")
    assert sql.prepared({"n": 1}, where) == here


@pytest.mark.django_db
def test_the_guard_sees_a_prepared_write_each_time(brand):
    keep = "UPDATE stores_region SET name = name WHERE name = %(name)s RETURNING name"
    with writing("tests"):
        assert sql.prepared({"name": "none"}, keep) == []
    with pytest.raises(WriteOutsideVerb):
        sql.prepared({"name": "none"}, keep)
