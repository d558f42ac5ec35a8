"""Every question that gives the rows to be told of a line can be asked, and names nobody."""

import pytest

from members.models import Member
from newretail.kernel.actions import journal
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import verb
from tests import world

NEVER = {"name", "phone", "birthday", "code", "note", "reason", "id"}


@verb
def write(*, name, member):
    return journal.write(name, at=world.NOW, subject=f"member:{member.pk}", member_no="V1", into_no="V2")


@pytest.mark.parametrize("name", sorted(TABLES.news))
def test_rows_of_a_line_name_nobody(noon, name):
    world.chain()
    entry = write(name=name, member=Member.objects.get(member_no="V1"))
    for news in TABLES.news[name]:
        assert not {key for row in news.rows(entry) for key in row} & NEVER
