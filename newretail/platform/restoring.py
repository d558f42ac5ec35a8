"""Put a backup back: into an empty database the whole, into a running one a brand that is not there."""

import shutil
import tarfile
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_tenants.utils import get_public_schema_name, schema_exists

from newretail.kernel import books, clock
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import Refused
from newretail.platform import actions, manifest, programs
from newretail.platform.manifest import Manifest
from newretail.platform.models import Brand
from newretail.platform.trouble import PlatformError, require_room

OBJECTS = """
SELECT n.nspname || '.' || k.relname FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%%' AND k.relkind IN ('r', 'p', 'v', 'm', 'S')
ORDER BY 1 LIMIT 1
"""


def put_back(folder: Path) -> dict[str, int]:
    """Restore a backup, whole or not at all; return the number of unexplained differences by brand.

    Run by the owner role. Rights are divided anew between the two roles, whoever had them before; migrations
    that came after the backup are applied; rows are counted and the books verified.

    Refuses: PlatformError when the backup is torn or of tomorrow, or the place is taken; nothing has changed then.
    """
    told = manifest.read(folder)
    told.require_whole(folder)
    if missing := manifest.unknown(told):
        raise PlatformError(
            "备份来自更新版本的 newretail，请先升级",
            "the backup was made by a newer newretail: upgrade first",
            "    " + ", ".join(missing[:5]),
        )
    _require_place(told)
    unpacked = _unpack(folder / manifest.MEDIA)
    try:
        programs.run(
            "pg_restore",
            *("--single-transaction", "--exit-on-error", "--no-owner", "--no-acl"),
            f"--dbname={connection.settings_dict['NAME']}",
            str(folder / manifest.DATABASE),
            folder=folder,
        )
        _adopt(told)
    except BaseException:
        for path in unpacked:
            path.unlink(missing_ok=True)
        raise
    return _verified(told)


def _require_place(told: Manifest) -> None:
    """Refuse to write where something stands."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    if told.brand is None:
        with connection.cursor() as cursor:
            cursor.execute(OBJECTS)
            if found := cursor.fetchone():
                raise PlatformError(
                    f"数据库不是空的（有 {found[0]}）。恢复只写入空数据库",
                    f"the database is not empty (it holds {found[0]}): a restore writes into an empty one only",
                )
        return
    if "platform_brand" not in connection.introspection.table_names():
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    code = told.brand["fields"]["schema_name"]
    try:
        actions.require_free(code=code, domains=[row["domain"] for row in told.brand["domains"]])
    except Refused as refusal:
        raise PlatformError(f"品牌或域名已存在：{code}", str(refusal)) from refusal


def _unpack(archive: Path) -> list[Path]:
    """Put the files in their places and name those that were not there; none is ever overwritten.

    Refuses: PlatformError when a file stands there already, and is another one.
    """
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_room(root)
    with tarfile.open(archive) as packed:
        members = packed.getmembers()
        taken = [
            member.name
            for member in members
            if (root / member.name).exists() and (root / member.name).stat().st_size != member.size
        ]
        if taken:
            raise PlatformError(
                f"{root / taken[0]} 已存在且内容不同，请先移走",
                f"{root / taken[0]} is there already and is another file: move it away first",
            )
        new = [member for member in members if not (root / member.name).exists()]
        _check_plain(new, root.resolve())
        for member in new:
            _lay(packed, member, root / member.name)
    return [root / member.name for member in new]


def _check_plain(members: list[tarfile.TarInfo], root: Path) -> None:
    """See that the archive holds plain files within its folder and nothing else, as a backup does.

    By hand: the filters of `tarfile` came with Python 3.11.4. Refuses: PlatformError.
    """
    for member in members:
        if not (member.isreg() and (root / member.name).resolve().is_relative_to(root)):
            raise PlatformError(
                f"备份中有不该有的文件：{member.name}", f"the backup holds what no backup does: {member.name}"
            )


def _lay(packed: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one file of the archive, for its owner alone."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    content = packed.extractfile(member)
    if content is not None:
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _adopt(told: Manifest) -> None:
    """Give a brand that came alone its rows in the public schema, or take its schema away again."""
    if told.brand is None:
        return
    try:
        actions.adopt(fields=told.brand["fields"], domains=told.brand["domains"])
    except Exception:
        actions.drop_schema(told.brand["fields"]["schema_name"])
        raise


def _verified(told: Manifest) -> dict[str, int]:
    """Count, bring up to date, divide the rights, and verify the books brand by brand."""
    differing = [schema for schema, tables in told.counts.items() if manifest.counts(schema) != tables]
    if differing:
        raise PlatformError(
            f"恢复后的行数与备份不符：{', '.join(differing)}",
            f"after the restore the rows are not those of the backup: {', '.join(differing)}",
        )
    call_command("migrate_schemas", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = {}
    for schema in told.counts:
        if schema != get_public_schema_name() and schema_exists(schema):
            with Brand.objects.get(schema_name=schema):
                for act in TABLES.after_restore:
                    act(clock.now())
                found[schema] = sum(finding.count for finding in books.verify())
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return found
