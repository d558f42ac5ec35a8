"""Verbs of the platform: brands come into being whole or not at all."""

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext_noop
from django_tenants.utils import schema_exists

from newretail.kernel import sql
from newretail.kernel.guard import writing
from newretail.kernel.verbs import Refused
from newretail.platform.models import Brand, Domain

CODE = re.compile(r"\A[a-z][a-z0-9_]{1,39}\Z")
HOST = re.compile(r"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z")
LONGEST_HOST = 253
RESERVED = {"public", "information_schema"}


class BadCode(Refused):
    """The code cannot name a schema."""

    code = "bad_brand_code"
    sentence = gettext_noop("A brand's code is 2–40 small letters, digits or _, beginning with a letter: %(code)s.")


class BadDomain(Refused):
    """The text is no host name."""

    code = "bad_domain"
    sentence = gettext_noop("This is no host name: %(name)s.")


class TooLong(Refused):
    """A name is longer than it may be."""

    code = "too_long"
    sentence = gettext_noop("The text is too long.")


class BrandExists(Refused):
    """Another brand has this code or host name."""

    code = "brand_exists"
    sentence = gettext_noop("A brand with this code or domain exists already: %(name)s.")


def create(*, code: str, name: str, domains: list[str], notice: str = "") -> Brand:
    """Create a brand with its schema, tables, rights and domains in one transaction; run by the owner role.

    Refuses: BadCode, BadDomain, TooLong, BrandExists.
    """
    domains = [host.lower() for host in domains]
    _judge(code, domains, name=name, notice=notice)
    require_free(code=code, domains=domains)
    try:
        with writing("newretail.platform.actions.create"), transaction.atomic():
            brand = Brand(schema_name=code, code=code, name=name, notice=notice)
            brand.auto_create_schema = False
            brand.save()
            sql.execute(f"CREATE SCHEMA {connection.ops.quote_name(code)}")
            call_command("migrate_schemas", schema_name=code, tenant=True, interactive=False, verbosity=0)
            for order, host in enumerate(domains):
                Domain.objects.create(domain=host, tenant=brand, is_primary=order == 0)
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    return brand


def _judge(code: str, domains: list[str], **texts: str) -> None:
    if not CODE.match(code) or code in RESERVED or code.startswith("pg_"):
        raise BadCode(code=code)
    if len(set(domains)) < len(domains):
        raise BrandExists(name=", ".join(domains))
    bad = [host for host in domains if not HOST.match(host) or len(host) > LONGEST_HOST]
    if bad:
        raise BadDomain(name=bad[0])
    if any(len(text) > Brand._meta.get_field(name).max_length for name, text in texts.items()):
        raise TooLong


def require_free(*, code: str, domains: list[str]) -> None:
    """See that no brand, schema or host of these names stands.

    Refuses: BrandExists.
    """
    taken = schema_exists(code) or Brand.objects.filter(code=code).exists()
    clash = Domain.objects.filter(domain__in=domains).values_list("domain", flat=True).first()
    if taken or clash:
        raise BrandExists(name=clash or code)


def adopt(*, fields: dict[str, Any], domains: list[dict[str, Any]]) -> Brand:
    """Enter a brand whose schema stands already, as it was described; fields that are no more are left out."""
    known = {field.attname for field in Brand._meta.concrete_fields if not field.primary_key}
    kept = {name: value for name, value in fields.items() if name in known}
    with writing("newretail.platform.actions.adopt"), transaction.atomic():
        brand = Brand(**kept)
        brand.auto_create_schema = False
        brand.save()
        Brand.objects.filter(pk=brand.pk).update(created_at=kept["created_at"])
        for row in domains:
            Domain.objects.create(tenant=brand, **row)
    return brand


def drop_schema(schema: str) -> None:
    """Take away a schema that no brand has."""
    if Brand.objects.filter(schema_name=schema).exists():
        raise BrandExists(name=schema)
    sql.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(schema)} CASCADE")


def create_admin(*, brand: Brand, username: str, password: str) -> None:
    """Give a brand its first administrator, who may do everything inside it."""
    with writing("newretail.platform.actions.create_admin"), brand:
        get_user_model().objects.create_superuser(username=username, password=password, name=username)


def describe(*, brand: Brand, notice: str) -> None:
    """Give a brand the line that stands at the foot of its pages."""
    with writing("newretail.platform.actions.describe"):
        Brand.objects.filter(pk=brand.pk).update(notice=notice)
