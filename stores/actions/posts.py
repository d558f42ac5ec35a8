"""Record staff and their posts; give a person a way to sign in."""

from datetime import datetime

from django.utils.translation import gettext_noop

from newretail.kernel import sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Post, Region, Store

# A number is a login: two that differ in case only are one name, and the first line of the file keeps it.
SAME_NAME = "first_value(i.staff_no) OVER (PARTITION BY lower(i.staff_no) ORDER BY i.line) <> i.staff_no"
CHANGING = "SELECT existing FROM tmp_staff WHERE error IS NULL AND same IS NOT TRUE"
NEW = "SELECT u.id FROM kernel_user u JOIN tmp_staff t ON u.staff_no = t.staff_no WHERE t.error IS NULL"
RECIPE = staging.Recipe(
    name="staff",
    line_name="stores.post.recorded",
    types={"line": "int", "dup_of": "int", "joined_on": "date"},
    # The place of a supervisor is a region: its name, plain or after "region:".
    resolve=f"""
SELECT i.*, u.id AS existing, s.id AS store_id, r.id AS region_id,
  u.id IS NOT NULL AND (i.name, coalesce(i.phone, u.phone), coalesce(i.joined_on, u.joined_on))
    IS NOT DISTINCT FROM (u.name, u.phone, u.joined_on)
    AND EXISTS (SELECT 1 FROM stores_post p WHERE p.user_id = u.id AND p.role = i.role
      AND p.store_id IS NOT DISTINCT FROM s.id AND p.region_id IS NOT DISTINCT FROM r.id
      AND p.until IS NULL) AS same,
  CASE WHEN w.id IS NOT NULL OR {SAME_NAME} THEN 'username_taken'
    WHEN i.role = 'supervisor' AND r.id IS NULL THEN
      CASE WHEN i.store_code IS NULL THEN 'needs_place' ELSE 'unknown_region' END
    WHEN i.role IN ('manager', 'guide') AND s.id IS NULL THEN
      CASE WHEN i.store_code IS NULL THEN 'needs_place' ELSE 'unknown_store' END
  END AS error, CASE WHEN w.id IS NULL AND NOT {SAME_NAME} THEN 'store_code' ELSE 'staff_no' END AS error_column
FROM tmp_staff_in i
LEFT JOIN kernel_user u ON u.staff_no = i.staff_no
LEFT JOIN kernel_user w ON lower(w.username) = lower(i.staff_no) AND u.id IS NULL
LEFT JOIN stores_store s ON s.code = i.store_code AND i.role IN ('manager', 'guide')
LEFT JOIN stores_region r ON r.name = regexp_replace(i.store_code, '^region:', '') AND i.role = 'supervisor'
""",
    write="""
INSERT INTO kernel_user AS u (username, staff_no, name, phone, joined_on, password, email, is_staff, is_active,
  is_superuser, date_joined)
SELECT t.staff_no, t.staff_no, t.name, coalesce(t.phone, ''), t.joined_on, '!', '', false, true, false, %(at)s
FROM tmp_staff t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.staff_no
ON CONFLICT (staff_no) DO UPDATE SET name = excluded.name,
  phone = CASE WHEN excluded.phone = '' THEN u.phone ELSE excluded.phone END,
  joined_on = coalesce(excluded.joined_on, u.joined_on)
RETURNING xmax = 0
""",
    back_name="stores.post.withdrawn",
    trail=Trail(
        counted=(("kernel_user", "created"),),
        made=(
            ("stores_post", "SELECT id FROM stores_post WHERE entry_id = %(entry)s"),
            ("kernel_user", f"{NEW} AND t.existing IS NULL"),
        ),
        keeps=(("kernel_user", f"k.id IN ({CHANGING})"), ("stores_post", f"k.user_id IN ({CHANGING})")),
    ),
)
# A person stands where the file says: a former post of the same kind ends, the new one begins.
END_FORMER = """
UPDATE stores_post p SET until = %(today)s, entry_id = %(entry)s
FROM tmp_staff t JOIN kernel_user u ON u.staff_no = t.staff_no
WHERE p.user_id = u.id AND p.until IS NULL AND t.error IS NULL AND t.same IS NOT TRUE
  AND p.role IN ('supervisor', 'manager', 'guide')
  AND (p.role, p.store_id, p.region_id) IS DISTINCT FROM (t.role, t.store_id, t.region_id)
"""
STAND = """
INSERT INTO stores_post (user_id, role, store_id, region_id, since, entry_id)
SELECT u.id, t.role, t.store_id, t.region_id, coalesce(t.joined_on, %(today)s), %(entry)s
FROM tmp_staff t JOIN kernel_user u ON u.staff_no = t.staff_no
WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY u.id
ON CONFLICT (user_id, role, store_id, region_id) DO UPDATE SET until = NULL, entry_id = excluded.entry_id
"""


class NeedsPlace(Refused):
    """The role needs a place that was not given."""

    code = "needs_place"
    sentence = gettext_noop("This role needs a store; a supervisor needs a region.")


def _place(params: sql.Params, _outcome: Outcome) -> None:
    sql.execute(END_FORMER, params)
    sql.execute(STAND, params)


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Record staff by number with the post each holds; a person moved ends her former post.

    Batch columns: those of `stores.importers.STAFF`.
    Row refusals: username_taken, needs_place, unknown_store, unknown_region.
    Writes: stores.post.recorded.
    """
    return staging.record(RECIPE, batch, at=at, by=by, steps=staging.Steps(after=_place))


@verb
def admit(
    *,
    username: str,
    password: str,
    name: str,
    role: str,
    at: datetime,
    store: Store | None = None,
    region: Region | None = None,
    by: User | None = None,
) -> User:
    """Let a person sign in with a password, in a role at a place; a known user gets the new password and post.

    Guides and integrators do not enter the HQ admin.
    Refuses: NeedsPlace.
    Writes: stores.post.admitted.
    """
    if (role in ("manager", "guide")) != (store is not None) or (role == "supervisor") != (region is not None):
        raise NeedsPlace
    user = User.objects.filter(username__iexact=username).first() or User(username=username)
    user.name = name
    user.is_staff = role not in (Post.Role.GUIDE, Post.Role.INTEGRATOR)
    user.set_password(password)
    user.save()
    line = journal.write("stores.post.admitted", at=at, by=by, subject=f"user:{user.pk}", role=role)
    Post.objects.update_or_create(
        user=user, role=role, store=store, region=region, defaults={"until": None, "entry_id": line.pk}
    )
    return user


class NameTaken(Refused):
    """Somebody goes by this name who is no system."""

    code = "name_taken"
    sentence = gettext_noop("Somebody signs in under this name: give the system another.")


@verb
def admit_system(*, name: str, at: datetime, store: Store | None = None, by: User | None = None) -> User:
    """Give another system an account: it comes in by keys alone, for the whole brand or for one store.

    Refuses: NameTaken.
    Writes: stores.post.admitted.
    """
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        user = User(username=name, name=name, is_staff=False)
        user.set_unusable_password()
        user.save()
    elif user.staff_no or user.posts.exclude(role=Post.Role.INTEGRATOR).exists() or user.is_superuser:
        raise NameTaken
    line = journal.write("stores.post.admitted", at=at, by=by, subject=f"user:{user.pk}", role=Post.Role.INTEGRATOR)
    Post.objects.update_or_create(
        user=user, role=Post.Role.INTEGRATOR, store=store, region=None, defaults={"until": None, "entry_id": line.pk}
    )
    return user
