"""The demo's Chinese vocabulary, read from vocabulary.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class City:
    """A city of the chain: its share of the stores, its centre, its own street names."""

    code: str
    name: str
    region: str
    weight: int
    latitude: float
    longitude: float
    streets: str


SURNAMES: list[str] = _WORDS["surnames"].split()
FEMALE: list[str] = _WORDS["female"].split()
MALE: list[str] = _WORDS["male"].split()

CITIES = [City(**city) for city in _WORDS["cities"]]
REGIONS: list[str] = _WORDS["regions"].split()
STREETS: list[str] = _WORDS["streets"].split()

BRANDS: list[str] = _WORDS["brands"].split()
HOUSE_BRAND: str = _WORDS["house_brand"]
DEPARTMENTS: dict[str, str] = _WORDS["departments"]
OTHER_DEPARTMENT = DEPARTMENTS["MISCELLANEOUS"]
CATEGORIES: dict[str, str] = _WORDS["categories"]
TYPES: dict[str, str] = _WORDS["types"]
PACKS: dict[str, tuple[float, str]] = {unit: (pack["factor"], pack["unit"]) for unit, pack in _WORDS["packs"].items()}
LARGER: dict[str, str] = _WORDS["larger"]

AGES: dict[str, str] = _WORDS["ages"]
HOMES: dict[str, str] = _WORDS["homes"]
FAMILIES: dict[str, str] = _WORDS["families"]
MARRIAGES: dict[str, str] = _WORDS["marriages"]


def income(band: str) -> str:
    """Say an income band in Chinese: `Under 15K` → 收入15K以下."""
    if band.startswith("Under "):
        return f"收入{band.removeprefix('Under ')}以下"
    return f"收入{band.removesuffix('+')}以上" if band.endswith("+") else f"收入{band}"
