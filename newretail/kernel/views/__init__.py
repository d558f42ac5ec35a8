"""Doors of the kernel beyond its lists."""

from newretail.kernel.views.password import change_password

__all__ = ["change_password"]
