"""What HQ, regions and stores see of guides' work."""

from guides.admin.notice_receipts import NoticeReceiptAdmin
from guides.admin.notices import NoticeAdmin

__all__ = ["NoticeAdmin", "NoticeReceiptAdmin"]
