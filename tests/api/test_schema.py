"""The API describes itself, and the description kept with the docs is that of the code."""

from pathlib import Path

from django.core.management import call_command

KEPT = Path(__file__).resolve().parents[2] / "docs" / "integrators" / "openapi.yaml"


def test_the_description_kept_is_that_of_the_code(tmp_path):
    drawn = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(drawn))
    assert drawn.read_text() == KEPT.read_text(), (
        "draw it anew and read what changed: python manage.py spectacular --file docs/integrators/openapi.yaml"
    )
