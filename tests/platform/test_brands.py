"""A brand comes into being whole or not at all."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from newretail.kernel.models import User
from newretail.platform import actions
from newretail.platform.models import Brand, Domain
from tests.conftest import GROUND, _run_sql

pytestmark = pytest.mark.django_db(transaction=True)
LEFT_OVER = "DROP SCHEMA IF EXISTS gamma CASCADE"


@pytest.fixture
def owner(transactional_db, database_urls):
    """Work as the role that may create brands; what was created goes away."""
    import environ

    settings = connections["default"].settings_dict
    app = {key: settings[key] for key in ("USER", "PASSWORD")}
    given = environ.Env.db_url_config(database_urls.owner_url)
    connection.close()
    settings.update({key: given[key] for key in app})
    yield
    connection.set_schema_to_public()
    connection.close()
    settings.update(app)
    _run_sql(GROUND["owner_url"], LEFT_OVER,
             "DELETE FROM platform_domain WHERE tenant_id IN (SELECT id FROM platform_brand WHERE code = 'gamma')",
             "DELETE FROM platform_brand WHERE code = 'gamma'")  # fmt: skip


def standing():
    """What stands of brand gamma: its schema, its row, its domains."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'gamma'")
        schemas = cursor.fetchone()[0]
    return schemas, Brand.objects.filter(code="gamma").count(), Domain.objects.filter(tenant__code="gamma").count()


def create(code="gamma", domains=("gamma.localhost",)):
    return actions.create(code=code, name="丙", domains=list(domains))


def test_a_brand_stands_with_schema_tables_rights_and_domains(owner):
    brand = create(domains=["Gamma.localhost", "shop.gamma.localhost"])
    assert standing() == (1, 1, 2)
    assert list(brand.domains.order_by("pk").values_list("domain", "is_primary")) == [
        ("gamma.localhost", True), ("shop.gamma.localhost", False),
    ]  # fmt: skip
    rights = _run_sql(GROUND["owner_url"], "SELECT has_table_privilege('newretail_app', 'gamma.members_order', 'UPDATE'),"
                      " has_table_privilege('newretail_app', 'gamma.members_refund', 'UPDATE')")  # fmt: skip
    assert rights == [(True, False)]


class Broken(Exception):
    """Something went wrong in the middle."""


def fail(*_args, **_kwargs):
    raise Broken


def after_the_first(act):
    """Let something happen once and fail from then on."""
    acts = iter([act])

    def one(*args, **kwargs):
        return next(acts, fail)(*args, **kwargs)

    return one


def after_all_of(act):
    """Let something happen whole and fail then."""
    return lambda *args, **kwargs: (act(*args, **kwargs), fail())


BREAKS = {
    "before its tables": ("call_command", lambda: after_the_first(fail)),
    "after its tables": ("call_command", lambda: after_all_of(call_command)),
    "at its second domain": ("Domain.objects.create", lambda: after_the_first(Domain.objects.create)),
}


@pytest.mark.parametrize("where", BREAKS)
def test_a_brand_that_fails_halfway_leaves_nothing(owner, monkeypatch, where):
    name, make = BREAKS[where]
    monkeypatch.setattr(f"newretail.platform.actions.{name}", make())
    with pytest.raises(Broken):
        create(domains=["gamma.localhost", "shop.gamma.localhost"])
    assert standing() == (0, 0, 0)
    assert connection.schema_name == "public"


def test_a_brand_that_failed_once_can_be_made_again(owner, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("newretail.platform.actions.call_command", fail)
        with pytest.raises(Broken):
            create()
    create()
    assert standing() == (1, 1, 1)


BAD = ["", "a", "Gamma", "1a", "a-b", 'a"b', "a b", "a;b", "a" * 41, "pg_gamma", "public", "information_schema", "gamma\n",
       "质", "_a"]  # fmt: skip


@pytest.mark.parametrize("code", BAD)
def test_a_code_that_cannot_name_a_schema_is_refused(transactional_db, code):
    with pytest.raises(actions.BadCode):
        create(code=code)


@pytest.mark.parametrize("domains", [["localhost"], ["gamma.localhost", "second.localhost"], ["LocalHost"]])
def test_a_domain_that_is_taken_is_refused_in_any_case(owner, domains):
    with pytest.raises(actions.BrandExists):
        create(domains=domains)
    assert standing() == (0, 0, 0)


def test_a_domain_given_twice_is_refused(owner):
    with pytest.raises(actions.BrandExists):
        create(domains=["gamma.localhost", "GAMMA.localhost"])


def test_a_code_that_is_taken_is_refused(transactional_db):
    with pytest.raises(actions.BrandExists):
        create(code="acme")


def test_the_site_role_may_not_create_a_brand(transactional_db):
    with pytest.raises(Exception, match="permission denied"):
        create()
    assert standing() == (0, 0, 0)


def test_the_command_makes_a_brand_with_its_administrator(owner):
    out = io.StringIO()
    call_command("create_brand", "gamma", "--domain", "gamma.localhost", "--admin", "first", stdout=out)
    with Brand.objects.get(code="gamma"):
        assert User.objects.get(is_superuser=True).check_password(out.getvalue().split()[1])
    assert "gamma.localhost" in out.getvalue()


def test_the_command_leaves_nothing_when_the_administrator_cannot_be_made(owner, monkeypatch):
    monkeypatch.setattr(actions, "create_admin", fail)
    with pytest.raises(Broken):
        call_command("create_brand", "gamma", "--domain", "gamma.localhost", "--admin", "first")
    assert standing() == (0, 0, 0)


@pytest.mark.parametrize("words", [("Gamma", "--domain", "x.localhost"), ("acme", "--domain", "x.localhost")])
def test_the_command_says_a_refusal_in_a_sentence_with_code_2(transactional_db, words):
    with pytest.raises(CommandError) as refused:
        call_command("create_brand", *words)
    assert refused.value.returncode == 2
    assert words[0] in str(refused.value)


def test_a_first_password_too_easy_is_refused_in_both_languages_and_leaves_no_brand(db):
    words = ("create_brand", "delta", "--domain", "delta.localhost", "--admin", "first", "--password", "12345")
    with pytest.raises(CommandError) as told:
        call_command(*words)
    assert "密码" in str(told.value)
    assert "This password is too common." in str(told.value)
    assert not Brand.objects.filter(code="delta").exists()


def test_a_refusal_on_the_command_line_is_said_in_both_languages(db):
    with pytest.raises(CommandError) as told:
        call_command("create_brand", "acme", "--domain", "new.localhost")
    assert " / " in str(told.value)
    assert "exists already" in str(told.value)
