"""Questions about places: who may see which of them."""

from stores.models.places import Sight, posts_of, roles_of, sight_of, store_ids_in

__all__ = ["Sight", "posts_of", "roles_of", "sight_of", "store_ids_in"]
