"""The write guard: every way to write is refused outside a verb, and the same way passes inside one."""

import io

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from newretail.kernel import guard
from newretail.kernel.guard import WriteOutsideVerb
from newretail.kernel.models import User
from newretail.kernel.verbs import NoBrand, verb
from stores.models import Region


def execute(statement: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)


def many() -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO stores_region (name) VALUES (%s)", [("东区",), ("西区",)])


def copy_in() -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY stores_region (name) FROM STDIN", io.StringIO("北区\n"))


def copy_table() -> None:
    with connection.cursor() as cursor:
        cursor.copy_from(io.StringIO("北区\n"), "stores_region", columns=("name",))


def call() -> None:
    with connection.cursor() as cursor:
        cursor.callproc("lower", ["A"])


def many_to_many() -> None:
    User.objects.get(username="guarded").groups.add(Group.objects.get(name="guarded"))


WAYS = {
    "save": lambda: Region(name="南区").save(),
    "create": lambda: Region.objects.create(name="南区"),
    "bulk_create": lambda: Region.objects.bulk_create([Region(name="南区"), Region(name="中区")]),
    "get_or_create": lambda: Region.objects.get_or_create(name="南区"),
    "save of a row": lambda: Region.objects.get(name="旧区").save(),
    "update": lambda: Region.objects.filter(name="旧区").update(name="新区"),
    "bulk_update": lambda: Region.objects.bulk_update([Region.objects.get(name="旧区")], ["name"]),
    "delete": lambda: Region.objects.get(name="旧区").delete(),
    "delete of a set": lambda: Region.objects.filter(name="旧区").delete(),
    "many to many": many_to_many,
    "raw": lambda: execute("INSERT INTO stores_region (name) VALUES ('南区')"),
    "lower case": lambda: execute("update stores_region set name = %s where false", "新区"),
    "quoted": lambda: execute('UPDATE ONLY "stores_region" AS r SET name = name'),
    "behind a WITH": lambda: execute("WITH gone AS (DELETE FROM stores_region RETURNING id) SELECT * FROM gone"),
    "behind a comment": lambda: execute("/* a look */ INSERT /* only */ INTO stores_region (name) VALUES ('南区')"),
    "MERGE": lambda: execute(
        "MERGE INTO stores_region r USING (VALUES ('南区')) v(name) ON r.name = v.name"
        " WHEN NOT MATCHED THEN INSERT (name) VALUES (v.name)"
    ),
    "after another statement": lambda: execute("SELECT 1; DELETE FROM stores_region"),
    "after a temporary table": lambda: execute("CREATE TEMPORARY TABLE tmp_x (a int); DELETE FROM stores_region"),
    "many": many,
    "COPY": copy_in,
    "copy_from": copy_table,
    "procedure": call,
    "block": lambda: execute("DO 'BEGIN DELETE FROM stores_region; END'"),
    "block after another statement": lambda: execute("SELECT 1; DO 'BEGIN DELETE FROM stores_region; END'"),
}


@pytest.fixture
def rows(brand):
    """A region, a user and a group to write to."""

    @verb
    def make() -> None:
        Region.objects.create(name="旧区")
        User.objects.create(username="guarded")
        Group.objects.create(name="guarded")

    make()


@pytest.mark.parametrize("way", WAYS)
def test_outside_a_verb_no_way_writes(rows, way):
    with pytest.raises(WriteOutsideVerb), transaction.atomic():
        WAYS[way]()
    assert list(Region.objects.values_list("name", flat=True)) == ["旧区"]


@pytest.mark.parametrize("way", WAYS)
def test_inside_a_verb_every_way_passes(rows, way):
    verb(WAYS[way])()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM stores_region FOR UPDATE",
        "SELECT name FROM stores_region FOR NO KEY UPDATE SKIP LOCKED",
        "SELECT 'INSERT INTO stores_region' AS \"text\" -- DELETE FROM stores_region",
        "CREATE TEMPORARY TABLE tmp_look (name text) ON COMMIT DROP",
        "SELECT set_config('timezone', 'UTC', true)",
        "SET LOCAL enable_hashagg = off",
    ],
)
def test_reading_locking_and_temporary_tables_are_free(rows, statement):
    execute(statement)


def test_copying_out_is_free(rows):
    out = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY (SELECT name FROM stores_region) TO STDOUT", out)
    assert out.getvalue() == "旧区\n"


def test_sessions_are_written_without_a_verb(rows):
    Session.objects.create(session_key="guarded", session_data="", expire_date=timezone.now())


def test_a_verb_that_fails_leaves_nothing_and_no_right_to_write(rows):
    @verb
    def act() -> None:
        Region.objects.create(name="南区")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"), transaction.atomic():
        act()
    assert not Region.objects.filter(name="南区").exists()
    assert guard.IN_VERB.get() is None


def test_a_verb_outside_every_brand_is_a_mistake(db):
    with pytest.raises(NoBrand):
        verb(lambda: None)()
