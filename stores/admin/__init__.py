"""What HQ sees of the catalogue and of the staff."""

from stores.admin.catalogue import ProductAdmin, StaffAdmin

__all__ = ["ProductAdmin", "StaffAdmin"]
