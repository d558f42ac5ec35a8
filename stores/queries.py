"""Questions about places: who may see which of them."""

from stores.models.places import Sight, sight_of, store_ids_in

__all__ = ["Sight", "sight_of", "store_ids_in"]
