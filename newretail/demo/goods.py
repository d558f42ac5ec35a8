"""Names the products that were sold, in Chinese, with their list price."""

import re

import numpy as np
import pandas as pd

from newretail.demo import draws, words
from newretail.demo.source import Year

# Grams become kilograms; counts above this are slips of the source.
THOUSAND = 1000
LARGEST_COUNT = 300

_PACK = re.compile(r"^[~\s]*(\d+(?:\.\d+)?|\.\d+|\d+/\d+)\s*([A-Z]+)\s*$", re.ASCII)


def products(year: Year) -> pd.DataFrame:
    """List every product sold: sku, name, category, price in cents."""
    sold = np.sort(year.lines["product"].unique())
    facts = year.products.reindex(sold)
    departments = facts["department"].map(words.DEPARTMENTS).fillna(words.OTHER_DEPARTMENT)
    return pd.DataFrame(
        {
            "sku": sold.astype(str),
            "name": _names(facts),
            "category": departments.to_numpy(),
            "price": _prices(year.lines).reindex(sold).fillna(0).astype(np.int64).to_numpy(),
        }
    )


def _names(facts: pd.DataFrame) -> np.ndarray:
    """Compose brand, category and pack; keep English and the sku where no word is known."""
    category = facts["product_type"].map(words.TYPES)
    category = category.fillna(facts["product_category"].map(words.CATEGORIES))
    english = facts["product_category"].fillna(facts["product_type"]).fillna("Item")
    english = english.str.title().str.replace(r"\s+", " ", regex=True).str.strip()
    english = english + " " + facts.index.astype(str)
    maker = facts["manufacturer_id"].fillna(0).astype(np.int64)
    brand = pd.Series(draws.pick(maker, "brand", words.BRANDS), index=facts.index)
    brand = brand.where(facts["brand"] != "Private", words.HOUSE_BRAND)
    packs = {text: pack(text) for text in facts["package_size"].dropna().unique()}
    size = facts["package_size"].map(packs).fillna("")
    name = brand + " " + category.fillna(english) + " " + size
    return name.str.strip().to_numpy()


def pack(text: str) -> str:
    """Say a pack size in Chinese and metric: `12 OZ` → 340克; unknown forms become empty."""
    found = _PACK.match(text)
    if found is None or found[2] not in words.PACKS:
        return ""
    over, _, under = found[1].partition("/")
    factor, shown = words.PACKS[found[2]]
    amount = float(over) / float(under or 1) * factor
    if shown in words.LARGER and amount >= THOUSAND:
        return f"{amount / THOUSAND:.1f}".removesuffix(".0") + words.LARGER[shown]
    if shown not in words.LARGER and amount > LARGEST_COUNT:
        return ""
    return f"{amount:.0f}{shown}"


def _prices(lines: pd.DataFrame) -> pd.Series:
    """Take each product's usual price before discounts: the median over its lines, in cents."""
    bought = lines[lines["quantity"] > 0]
    single = (bought["cents"] + bought["discount"]) / bought["quantity"]
    return single.groupby(bought["product"]).median().round()
