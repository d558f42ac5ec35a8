"""Nouns of the stores floor."""

from stores.models.catalogue import Category, Channel, Product, Scene
from stores.models.places import Post, Region, Store

__all__ = ["Category", "Channel", "Post", "Product", "Region", "Scene", "Store"]
