"""Take a backup: the database as of one instant, the files, a manifest; it stands whole or not at all."""

import shutil
import tarfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django_tenants.utils import get_public_schema_name

from newretail.platform import manifest, programs
from newretail.platform.models import Brand, Domain
from newretail.platform.trouble import PlatformError, from_os, require_room


def take(folder: Path, *, at: datetime, brand: Brand | None = None) -> manifest.Manifest:
    """Back up the whole installation, or one brand alone, into a new folder; run by the owner role.

    The dump and the counts see the same instant; the site may go on meanwhile. Nothing stands under the
    folder's name before all of it is written.

    Refuses: PlatformError when the folder exists, the disk is full, or pg_dump fails.
    """
    if folder.exists():
        raise PlatformError(f"{folder} 已存在，请换一个名字", f"{folder} exists already: choose another name")
    draft = folder.with_name(folder.name + ".new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        require_room(draft)
        found = _write(draft, at, brand)
        draft.rename(folder)
    except OSError as error:
        raise from_os(error, folder) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def _write(draft: Path, at: datetime, brand: Brand | None) -> manifest.Manifest:
    """Write the files; database first: every file that its rows name is then there to be taken."""
    public = get_public_schema_name()
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        schemas = [brand.schema_name] if brand else [public, *_brands()]
        found = manifest.stamp(at, programs.server_version(), schemas, described(brand) if brand else None)
        cursor.execute("SELECT pg_export_snapshot()")
        words = ["--format=custom", "--no-owner", "--no-acl", f"--snapshot={cursor.fetchone()[0]}"]
        words += [f'--schema="{brand.schema_name}"'] if brand else []
        target = draft / manifest.DATABASE
        target.touch(mode=0o600)
        programs.run("pg_dump", *words, f"--file={target}", folder=draft)
    _pack(draft / manifest.MEDIA, brand)
    for name in (manifest.DATABASE, manifest.MEDIA):
        found.files[name] = manifest.fingerprint(draft / name)
    found.write(draft)
    return found


def _brands() -> list[str]:
    return list(Brand.objects.order_by("pk").values_list("schema_name", flat=True))


def described(brand: Brand) -> dict[str, Any]:
    """Describe a brand's rows in the public schema, its key left out: they are no part of its own schema."""
    encode = DjangoJSONEncoder().default
    fields = {}
    for field in Brand._meta.concrete_fields:
        if not field.primary_key:
            value = getattr(brand, field.attname)
            fields[field.attname] = encode(value) if isinstance(value, datetime) else value
    domains = Domain.objects.filter(tenant=brand).order_by("pk").values("domain", "is_primary")
    return {"fields": fields, "domains": list(domains)}


def _pack(target: Path, brand: Brand | None) -> None:
    """Pack the files of all brands or of one; what is removed meanwhile (an export that ran out) is left out."""
    root = Path(settings.MEDIA_ROOT)
    top = root / brand.schema_name if brand else root
    target.touch(mode=0o600)
    with tarfile.open(target, "w:gz") as archive:
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                with suppress(FileNotFoundError):
                    archive.add(path, arcname=str(path.relative_to(root)), recursive=False)
