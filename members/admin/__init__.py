"""What HQ sees of members and what they bought: two lists, and a page for each."""

from members.admin.members import MemberAdmin
from members.admin.orders import OrderAdmin
from members.admin.reveals import PhoneRevealAdmin
from members.admin.words import LevelAdmin, TagAdmin

__all__ = ["LevelAdmin", "MemberAdmin", "OrderAdmin", "PhoneRevealAdmin", "TagAdmin"]
