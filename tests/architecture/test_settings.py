"""What a brand can set, and what runs by night, is told where an operator looks."""

from newretail.kernel.declared import DECLARED
from newretail.kernel.registry import TABLES
from newretail.schedule import NIGHT
from tests.architecture.tree import ROOT

PAGES = ("docs/runbook.md", "docs/house.md")


def untold(names: set[str]) -> list[str]:
    pages = "".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    return sorted(name for name in names if f"`{name}`" not in pages)


def test_every_setting_of_a_brand_is_documented():
    missing = untold(set(DECLARED))
    assert not missing, f"say in docs/runbook.md what each does, with its unit and default: {missing}"


def test_every_job_of_the_night_is_documented():
    missing = untold({name for name, _ in NIGHT})
    assert not missing, f"say in docs/runbook.md what each job does: {missing}"


def test_every_job_of_the_night_exists():
    missing = sorted({name for name, _ in NIGHT} - TABLES.jobs.keys())
    assert not missing, f"enter these with @job in a floor's jobs.py, or take them off newretail/schedule.py: {missing}"
