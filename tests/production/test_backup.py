"""A backup holds one instant whole; a restore brings back rows, files, rights and books, or changes nothing."""

import io
import json
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from django.db import connection

from newretail.kernel.actions import relay
from newretail.platform import manifest, programs
from newretail.platform.database import provision
from newretail.platform.models import Brand
from newretail.platform.trouble import PlatformError
from tests import sights, world
from tests.conftest import GROUND, _empty_brands, _run_sql
from tests.faults.site import Site

AS_OWNER = {"WRITE_GUARD": "", "DB_ROLE": "owner"}
RIGHTS = """
SELECT has_table_privilege('newretail_app', 'acme.members_order', 'UPDATE'),
  has_table_privilege('newretail_app', 'acme.members_refund', 'UPDATE'),
  has_table_privilege('newretail_app', 'acme.members_refund', 'INSERT'),
  has_table_privilege('newretail_app', 'acme.kernel_journalentry', 'DELETE'),
  has_schema_privilege('newretail_app', 'acme', 'CREATE'),
  (SELECT bool_and(pg_get_userbyid(relowner) = 'newretail_owner') FROM pg_class k
   JOIN pg_namespace n ON n.oid = k.relnamespace WHERE nspname = 'acme')
"""
SUMS = """
SELECT (SELECT count(*) FROM {0}.members_member), (SELECT count(*) FROM {0}.kernel_journalentry),
  (SELECT sum(amount_cents - refunded_cents) FROM {0}.members_order),
  (SELECT count(*) FROM {0}.members_portrait), (SELECT max(id) FROM {0}.kernel_journalentry)
"""


@dataclass(frozen=True)
class Kept:
    """Two backups of two trading brands, and what stood in them."""

    whole: Path
    acme: Path
    sums: dict


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, database_urls, tmp_path_factory):
    """Two brands with trade, scores and a file, backed up whole and one alone; then they are empty again."""
    site = Site(database_urls, tmp_path_factory.mktemp("site") / "home")
    with django_db_blocker.unblock():
        for brand in Brand.objects.order_by("code"):
            with brand, time_machine.travel(world.NOW, tick=False):
                sights.trade()
                relay.drain(at=world.NOW)
                sights.night()
            place = site.home / "media" / brand.code / "imports"
            place.mkdir(parents=True)
            (place / "orders-1-errors.csv").write_text(f"of {brand.code}")
        connection.close()
        whole = back_up(site, site.home / "whole")
        acme = back_up(site, site.home / "acme", "--brand", "acme")
        yield Kept(whole, acme, {code: sums(site, code) for code in ("acme", "beta")})
        _empty_brands()


@pytest.fixture
def copy(kept, tmp_path):
    """A copy of the whole backup that a test may spoil."""
    return shutil.copytree(kept.whole, tmp_path / "copy")


@pytest.fixture
def fresh(tmp_path):
    """Another installation: an empty database with roles, and a state folder of its own."""
    name = f"fresh_{os.getpid()}"
    urls = provision(GROUND["admin"], name, secrets=GROUND["home"] / "secret", dev=True)
    yield Site(urls, tmp_path / "elsewhere")
    _run_sql(GROUND["admin"], f"DROP DATABASE {name} WITH (FORCE)")


def back_up(site, folder, *words):
    with site.start("backup", str(folder), *words, **AS_OWNER) as process:
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return folder


def restore(site, folder):
    with site.start("restore", str(folder), **AS_OWNER) as process:
        said, _ = process.communicate(timeout=120)
    return process.returncode, said


def retell(folder, change):
    """Change what the manifest says."""
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def schemas(site):
    """How many of the backup's brands stand there."""
    return _run_sql(site.urls.owner_url, "SELECT count(*) FROM pg_namespace WHERE nspname IN ('acme', 'beta')")[0][0]


def sums(site, schema="acme"):
    return _run_sql(site.urls.owner_url, SUMS.format(schema))


def test_a_whole_installation_comes_back_with_its_rights_files_and_books(kept, fresh):
    code, said = restore(fresh, kept.whole)
    assert (code, said.splitlines()) == (0, ["acme: unexplained=0", "beta: unexplained=0"])
    assert {schema: sums(fresh, schema) for schema in ("acme", "beta")} == kept.sums
    assert min(kept.sums["acme"][0]) > 0
    assert _run_sql(fresh.urls.owner_url, RIGHTS) == [(True, False, True, False, False, True)]
    assert (fresh.home / "media/acme/imports/orders-1-errors.csv").read_text() == "of acme"
    assert _run_sql(fresh.urls.app_url, "SELECT code FROM platform_brand ORDER BY 1") == [("acme",), ("beta",)]


def test_what_was_restored_works_on(kept, fresh, tmp_path):
    restore(fresh, kept.whole)
    orders = tmp_path / "orders.csv"
    orders.write_text("order_no,source,paid_at,amount,member_no\nNEW1,pos,2026-06-14,12.00,V1\n")
    assert fresh.run("import_file", "orders", str(orders), "--brand", "acme")[0] == 0
    assert fresh.run("run_job", "score_rfm", "--brand", "acme", "--as-of", "2026-06-15")[0] == 0
    code, last = fresh.run("verify_books", "--brand", "acme")
    assert (code, last.endswith("unexplained=0")) == (0, True)


def test_one_brand_alone_comes_back_beside_another(kept, fresh):
    told = json.loads((kept.acme / "manifest.json").read_text())
    assert told["brand"]["domains"] == [{"domain": "localhost", "is_primary": True}]
    assert fresh.run("create_brand", "gamma", "--domain", "gamma.localhost", **AS_OWNER)[0] == 0
    code, said = restore(fresh, kept.acme)
    assert (code, said.splitlines()) == (0, ["acme: unexplained=0"])
    assert sums(fresh) == kept.sums["acme"]
    assert _run_sql(fresh.urls.owner_url, RIGHTS) == [(True, False, True, False, False, True)]
    assert [path.name for path in (fresh.home / "media").iterdir()] == ["acme"]
    hosts = _run_sql(fresh.urls.app_url, "SELECT domain FROM platform_domain ORDER BY 1")
    assert hosts == [("gamma.localhost",), ("localhost",)]


def test_a_brand_that_stands_is_not_overwritten(kept, transactional_db, database_urls, tmp_path):
    site = Site(database_urls, tmp_path / "other")
    before = sums(site)
    code, said = restore(site, kept.acme)
    assert (code, "品牌或域名已存在：acme" in said) == (1, True)
    assert sums(site) == before
    assert not (site.home / "media").exists()


def test_a_database_that_holds_anything_is_not_written_to(kept, fresh):
    _run_sql(fresh.urls.owner_url, "CREATE TABLE kept AS SELECT 1 AS one")
    code, said = restore(fresh, kept.whole)
    assert (code, "数据库不是空的" in said, "is not empty (it holds public.kept)" in said) == (1, True, True)
    assert not (fresh.home / "media").exists()
    assert schemas(fresh) == 0


@pytest.mark.parametrize("name", ["database.dump", "media.tar.gz"])
def test_a_backup_that_was_changed_is_not_restored(copy, fresh, name):
    torn = copy / name
    torn.write_bytes(torn.read_bytes()[:-1] + b"x")
    code, said = restore(fresh, copy)
    assert (code, "备份不完整" in said) == (1, True)
    assert schemas(fresh) == 0


def test_a_backup_of_a_newer_version_is_not_restored(copy, fresh):
    retell(copy, lambda told: told["migrations"]["acme"].append("members.9999_of_tomorrow"))
    code, said = restore(fresh, copy)
    assert (code, "members.9999_of_tomorrow" in said) == (1, True)
    assert schemas(fresh) == 0


def test_a_restore_that_breaks_off_leaves_nothing(copy, fresh):
    """The dump ends in the middle of a table, and the manifest says that this is right."""
    dump = copy / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    retell(copy, lambda told: told["files"].update({"database.dump": manifest.fingerprint(dump)}))
    code, said = restore(fresh, copy)
    assert (code, "pg_restore failed" in said) == (1, True)
    assert schemas(fresh) == 0
    assert [path for path in (fresh.home / "media").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../outside", "link"])
def test_an_archive_that_reaches_beyond_its_folder_is_refused(copy, fresh, name):
    archive = copy / "media.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = (tarfile.SYMTYPE, "/etc/passwd") if name == "link" else (tarfile.REGTYPE, "")
        packed.addfile(member, io.BytesIO())
    retell(copy, lambda told: told["files"].update({"media.tar.gz": manifest.fingerprint(archive)}))
    code, said = restore(fresh, copy)
    assert (code, "what no backup does" in said) == (1, True)
    assert schemas(fresh) == 0
    assert not (fresh.home / "outside").exists()
    assert not (fresh.home / "media" / "link").is_symlink()


def test_rows_that_are_not_those_of_the_backup_are_told(copy, fresh):
    retell(copy, lambda told: told["counts"]["acme"].update({"members_member": 7}))
    code, said = restore(fresh, copy)
    assert (code, "the rows are not those of the backup: acme" in said) == (1, True)


def test_a_backup_overwrites_nothing_and_leaves_no_half(kept, transactional_db, database_urls, tmp_path):
    site = Site(database_urls, tmp_path / "home")
    (tmp_path / "kept").mkdir()
    code, said = site.run("backup", str(tmp_path / "kept"), **AS_OWNER)
    assert (code, "exists already" in said) == (1, True)
    refused = tmp_path / "bin"
    refused.mkdir()
    (refused / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 99'\nexit 3\n")
    (refused / "pg_dump").chmod(0o755)
    code, said = site.run("backup", str(tmp_path / "half"), PG_BIN=str(refused), **AS_OWNER)
    assert code == 1
    assert "pg_dump failed" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "kept"]


def test_a_backup_is_closed_to_others_and_holds_no_secret(kept):
    assert kept.whole.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in kept.whole.iterdir()} == {0}
    assert sorted(path.name for path in kept.whole.iterdir()) == ["database.dump", "manifest.json", "media.tar.gz"]


def test_a_program_older_than_the_server_is_not_used(db, monkeypatch):
    monkeypatch.delenv("PG_BIN", raising=False)
    told = subprocess.run([programs.program("pg_dump"), "--version"], capture_output=True, text=True, check=True)
    assert " 18." in told.stdout
    monkeypatch.setattr(programs, "server_version", lambda: 190000)
    with pytest.raises(PlatformError, match=r"没有 pg_dump 19.* / pg_dump 19 or newer is needed .*\(18\)"):
        programs.program("pg_dump")
