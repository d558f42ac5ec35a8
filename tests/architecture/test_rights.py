"""The table of rights is whole: each right once, in words, on the operators' page; each address reads one or is shut."""

from typing import get_args

from newretail.kernel import scopes
from newretail.kernel.scopes import Reach
from tests.architecture.tree import ROOT
from tests.scopes import addresses


def test_each_right_stands_once_and_every_name_is_in_use():
    rights = [(row.resource, row.action) for row in scopes.TABLE]
    assert len(rights) == len(set(rights))
    assert {resource for resource, _ in rights} == set(get_args(scopes.Resource))
    assert {action for _, action in rights} == set(get_args(scopes.Action))
    assert set(scopes.RESOURCE_WORDS) == set(get_args(scopes.Resource)), "give each its word in RESOURCE_WORDS"
    assert set(scopes.ACTION_WORDS) == set(get_args(scopes.Action)), "give each its word in ACTION_WORDS"
    assert set(scopes.ROLE_WORDS) == set(scopes.ROLES)


PAGE = "docs/operators/roles.md"
SAID = {Reach.NONE: "–", Reach.OWN: "own", Reach.STORE: "stores", Reach.REGION: "regions", Reach.BRAND: "brand"}


def test_the_operators_page_of_roles_shows_the_table():
    shown = (ROOT / PAGE).read_text(encoding="utf-8").partition("## The table")[2]
    told = [line for line in shown.splitlines() if line.startswith("| `")]
    cells = {row: " | ".join(SAID[row.reach(role)] for role in scopes.ROLES) for row in scopes.TABLE}
    table = [f"| `{row.resource}` | {row.action} | {cells[row]} |" for row in scopes.TABLE]
    assert told == table, f"let the table of {PAGE} read:\n" + "\n".join(table)


def test_every_address_reads_a_right_of_the_table_or_stands_open_or_shut_on_purpose():
    rights = {(row.resource, row.action) for row in scopes.TABLE}
    lost = [a.name for a in addresses.every() if a.right not in rights and not a.open and not a.shut]
    assert not lost, "give each a row in newretail/kernel/scopes.py and mark its view with @scoped:\n" + "\n".join(lost)
