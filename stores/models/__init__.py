"""Nouns of the stores floor."""

from stores.models.catalogue import Category, Channel, Product, Scene
from stores.models.places import Post, Region, Sight, Store, held_on, posts_of, roles_of, sight_of, store_ids_in
from stores.models.reviews import WeeklyReview
from stores.models.targets import DayWeight, Metric, Target, TargetPlan

__all__ = [
    "Category",
    "Channel",
    "DayWeight",
    "Metric",
    "Post",
    "Product",
    "Region",
    "Scene",
    "Sight",
    "Store",
    "Target",
    "TargetPlan",
    "WeeklyReview",
    "held_on",
    "posts_of",
    "roles_of",
    "sight_of",
    "store_ids_in",
]
