"""What HQ sees of the catalogue, of the staff, and of the keys of other systems."""

from stores.admin.catalogue import ProductAdmin, StaffAdmin
from stores.admin.keys import ApiKeyAdmin

__all__ = ["ApiKeyAdmin", "ProductAdmin", "StaffAdmin"]
