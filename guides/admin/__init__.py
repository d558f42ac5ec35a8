"""What HQ, regions and stores see of guides' work."""

from guides.admin.escalations import EscalationAdmin
from guides.admin.notice_receipts import NoticeReceiptAdmin
from guides.admin.notices import NoticeAdmin

__all__ = ["EscalationAdmin", "NoticeAdmin", "NoticeReceiptAdmin"]
