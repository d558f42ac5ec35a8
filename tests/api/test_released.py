"""What was released stays: no change to the API breaks those who use it."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from tests.api.breaks import breaks

PAGES = Path(__file__).resolve().parents[2] / "docs" / "integrators"
RELEASED = yaml.load((PAGES / "released.yaml").read_text(), yaml.CSafeLoader)
NOW = yaml.load((PAGES / "openapi.yaml").read_text(), yaml.CSafeLoader)


def test_nothing_released_is_broken():
    found = breaks(RELEASED, NOW)
    assert not found, "this breaks those who use the API; see docs/integrators/versions.md:\n" + "\n".join(found)


def path_gone(new):
    del new["paths"]["/api/v1/orders"]


def method_gone(new):
    del new["paths"]["/api/v1/orders"]["post"]


def parameter_gone(new):
    del new["paths"]["/api/v1/orders"]["get"]["parameters"]


def status_gone(new):
    del new["paths"]["/api/v1/orders"]["post"]["responses"]["201"]


def field_gone(new):
    del new["components"]["schemas"]["OrderOut"]["properties"]["amount"]


def field_of_a_line_gone(new):
    del new["components"]["schemas"]["LineOut"]["properties"]["sku"]


def field_of_a_refusal_gone(new):
    del new["components"]["schemas"]["Problem"]["properties"]["code"]


def refusal_gone(new):
    del new["components"]["responses"]["Problem422"]["content"]


def field_no_longer_taken(new):
    del new["components"]["schemas"]["OrderIn"]["properties"]["scene"]


def field_needed(new):
    new["components"]["schemas"]["OrderIn"]["required"].append("scene")


def type_changed(new):
    new["components"]["schemas"]["OrderOut"]["properties"]["order_no"]["type"] = "integer"


def text_shorter(new):
    new["components"]["schemas"]["OrderIn"]["properties"]["order_no"]["maxLength"] = 5


BREAKS = [path_gone, method_gone, parameter_gone, status_gone, field_gone, field_of_a_line_gone, field_of_a_refusal_gone,
          refusal_gone, field_no_longer_taken, field_needed, type_changed, text_shorter]  # fmt: skip


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.__name__)
def test_each_kind_of_break_is_found(change):
    changed = deepcopy(NOW)
    change(changed)
    assert breaks(NOW, changed)


def test_what_is_added_breaks_nobody():
    changed = deepcopy(NOW)
    changed["paths"]["/api/v1/new"] = changed["paths"]["/api/v1/orders"]
    changed["components"]["schemas"]["OrderOut"]["properties"]["more"] = {"type": "string"}
    changed["components"]["schemas"]["OrderIn"]["properties"]["more"] = {"type": "string"}
    assert breaks(NOW, changed) == []
