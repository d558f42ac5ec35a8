"""Every address × method × role: the answer is what the table of rights says, and no foreign word is ever in it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client

from members.models import (
    Member,
)
from newretail.kernel import scopes
from newretail.kernel.actions import endpoints, keys
from newretail.kernel.guard import writing
from newretail.kernel.models import (
    ExportFile,
    User,
)
from newretail.kernel.scopes import Reach
from newretail.platform.models import Brand
from stores.models import Store
from tests import sights, world
from tests.api import machines
from tests.platform.test_isolation import plant
from tests.scopes import addresses, town
from tests.scopes.town import OF_BETA, OF_GZ, OF_SH, PHONES

NARROW = ("supervisor", "manager", "till")  # who does not see the whole brand
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
SIGNED_IN = ("superuser", "hq", "auditor", "supervisor", "manager", "guide")
OF_A_STORE = tuple(right for right in machines.ALL if not right.startswith(("imports:", "job_runs:", "tags:")))
# Systems with a key: of the whole brand, one that may only look, one confined to the store SH01.
MACHINES = {"machine": machines.ALL, "reader": ("orders:view",), "till": OF_A_STORE}
STRANGERS = ("anonymous", "integrator", "ended", "disabled")
# What nobody of a role may ever be shown: words of the other brand, of a foreign store, bare phones.
NEVER = {OF_BETA, *PHONES.values()}
SECRETS = {role: NEVER | {OF_GZ, OF_SH} for role in STRANGERS}
PERSONAL = {f"{OF_SH}妹", f"{OF_GZ}妹", "03-17", "139****0001", "139****0002"}
SECRETS |= {"superuser": NEVER, "hq": NEVER, "auditor": NEVER | PERSONAL, "guide": NEVER | PERSONAL | {OF_GZ}}
SECRETS |= {role: NEVER | {OF_GZ} for role in NARROW}
SECRETS |= dict.fromkeys(("machine", "reader"), NEVER | PERSONAL)


def people() -> dict[str, User]:
    """Someone in each role, an administrator, one whose post has ended, one who is disabled."""
    found = {role: sights.person(role) for role in scopes.ROLES}
    with writing("tests"):
        found["superuser"] = User.objects.create_superuser("root", password=sights.PASSWORD)
        store = Store.objects.get(code="SH01")
        found["ended"] = User.objects.create_user("ended", is_staff=True)
        found["ended"].posts.create(role="manager", store=store, until=sights.TODAY)
        found["disabled"] = User.objects.create_user("disabled", is_staff=True)
        found["disabled"].posts.create(role="hq")
    return found


def disable(user: User) -> None:
    """Close an account behind the house's back, after she signed in."""
    with writing("tests"):
        User.objects.filter(pk=user.pk).update(is_active=False)


def system(name: str) -> Client:
    """A system with its key; the first has an endpoint of its own."""
    account = machines.account(name, "SH01" if name == "till" else None)
    if name == "machine":
        own = endpoints.add(url="https://hooks.example.com/", at=world.NOW, by=account).endpoint
        with writing("tests"):
            type(own).objects.filter(pk=own.pk).update(ref="ep_machine")
    return machines.client(machines.key(*MACHINES[name], of=account, per_minute=keys.MOST_PER_MINUTE).text)


@pytest.fixture
def walked(clients: Any, caplog: Any) -> Any:
    """The same clients; what a walk changes is undone after it, and no refusal keeps its request in a log."""
    caplog.set_level(logging.CRITICAL, logger="django")
    with transaction.atomic():
        yield clients
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(django_db_setup: None, django_db_blocker: Any) -> Any:
    """One trade for the whole module, undone at its end: a client for each role, at the brand acme."""
    with django_db_blocker.unblock(), time_machine.travel(world.NOW, tick=False):
        outer = transaction.atomic()
        outer.__enter__()
        connection.set_tenant(Brand.objects.get(code="beta"))
        plant(OF_BETA)
        connection.set_tenant(Brand.objects.get(code="acme"))
        town.build()
        found = {}
        for name, user in people().items():
            found[name] = Client(headers={"host": "localhost"})
            found[name].force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        disable(User.objects.get(username="disabled"))
        found["anonymous"] = Client(headers={"host": "localhost"})
        found |= {name: system(name) for name in MACHINES}
        yield found
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
        connection.set_schema_to_public()


def ask(client: Client, method: str, path: str) -> tuple[int, str, bytes]:
    """The status, all that was said (headers too), and the bytes of the body."""
    answer = client.generic(method, path)
    for name in ("X-Request-ID", "RateLimit-Remaining"):  # every answer has another
        answer.headers.pop(name, None)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, f"{dict(answer.headers)} {body.decode('utf-8', 'replace')}", body


def expected(role: str, address: addresses.Address, method: str = "GET") -> str:
    """What the table says a role meets at an address: in, shut, sign in, or forbidden."""
    if address.shut:
        return "shut"
    if role in STRANGERS or address.api != (role in MACHINES):
        return "sign in"
    right = address.right_for(method)
    if role != "machine" and address.arguments == ("ref",):
        return "shut" if role in MACHINES and ":".join(right) in MACHINES[role] else "forbidden"  # another's endpoint
    if role in MACHINES:
        return "in" if ":".join(right) in MACHINES[role] else "forbidden"
    held = {"superuser": "hq"}.get(role, role)
    return "in" if scopes.reach_of(held, *right) > Reach.NONE else "forbidden"


def met(status: int, said: str) -> str:
    """Name what an answer was."""
    if status == 401 or (status == 302 and "/admin/login/" in said):
        return "sign in"
    return {404: "shut", 403: "forbidden"}.get(status, "in" if status < 500 else str(status))


def paths(address: addresses.Address) -> list[str]:
    """The paths of an address that a person of SH01 may enter."""
    if address.name == "admin:app_list":
        return ["/admin/members/"]
    if address.name == "admin:view_on_site":
        return [f"/admin/r/1/{Member.objects.first().pk}/"]
    return [address.at(key) for key in town.rows_of(address)[0]] if address.arguments else [address.at()]


def test_every_address_has_a_right_or_stands_open_or_shut_on_purpose():
    lost = [a.name for a in addresses.every() if a.right is None and not a.open and not a.shut]
    assert not lost, "give each a row in newretail/kernel/scopes.py and mark its view with @scoped:\n" + "\n".join(lost)


def test_every_right_of_an_address_stands_in_the_table():
    rights = {(row.resource, row.action) for row in scopes.TABLE}
    assert {address.right_for(method) for address in addresses.with_rights() for method in METHODS} <= rights


LEAVES = {"admin:logout"}
# A file that was not taken in yet has no refused rows.
NOT_YET = {"api:import_errors", "api:import_errors_file"}


def of_one_person(address: addresses.Address) -> bool:
    """Tell whether it names a row that is one person's own: a file of hers, a task of hers.

    tests/kernel/admin/test_exports.py and tests/guides/test_sight.py walk these.
    """
    owned = address.model is ExportFile or address.name.startswith("guide_")
    return owned and bool(address.arguments) and not address.shut


def walk(client: Client) -> Iterator[tuple[addresses.Address, str, str, tuple[int, str, bytes]]]:
    """Ask at every address by every method for what stands in a person's own store."""
    for address in addresses.every():
        if not (address.open or address.name in LEAVES or address.name == "view" or of_one_person(address)):
            for path in paths(address):
                for method in METHODS:
                    yield address, method, path, ask(client, method, path)


def no_form(address: addresses.Address, method: str, was: str) -> bool:
    """Tell whether a page that has no form refused one."""
    return method == "POST" and address.name.endswith(("_change", "setting_changelist")) and was == "forbidden"


@pytest.mark.parametrize("role", [*SIGNED_IN, *STRANGERS, *MACHINES])
def test_each_role_meets_at_each_address_what_the_table_says(walked, role):
    wrong, words, count = [], set(), 0
    for address, method, path, (status, said, _body) in walk(walked[role]):
        count += 1
        was = met(status, said)
        if was != expected(role, address, method) and not no_form(address, method, was) and status != 405:
            if status == 404 and address.name in NOT_YET:
                continue
            wrong.append(f"{method} {path} {address.name}: {status}")
        words |= {word for word in SECRETS[role] if word in said.replace(path, "")}  # what was asked for is no secret
    assert wrong == []
    assert words == set()
    assert count > 100


def test_the_walk_does_see_words(walked):
    said = {role: ask(walked[role], "GET", "/admin/members/member/")[1] for role in SIGNED_IN}
    assert all(OF_SH in said[role] for role in ("superuser", "hq", "supervisor", "manager"))
    assert all(OF_GZ in said[role] for role in ("superuser", "hq", "auditor"))
    page = ask(walked["hq"], "GET", f"/admin/members/member/{town.named(Member, OF_SH)}/change/")[1]
    assert all(word in said["hq"] + page for word in PERSONAL)


@pytest.mark.parametrize("role", ["superuser", "hq", "auditor", "supervisor", "manager", *MACHINES])
def test_what_is_out_of_sight_answers_as_what_is_not_there(walked, role):
    asked = 0
    for address in addresses.with_rights():
        if not address.arguments or expected(role, address) != "in" or of_one_person(address):
            continue
        foreign = town.rows_of(address)[1] if role in NARROW else []
        for method in METHODS:
            nothing = ask(walked[role], method, address.at(addresses.MISSING))
            assert nothing[0] in (404, 403, 405), (method, address.name, nothing)
            for key in foreign:
                asked += 1
                assert ask(walked[role], method, address.at(key)) == nothing, (method, address.name)
    assert (asked > 0) == (role in NARROW)
