"""What HQ, regions and stores see of guides' work."""

from guides.admin.commission_entries import CommissionEntryAdmin
from guides.admin.commission_months import CommissionMonthAdmin
from guides.admin.commission_statements import CommissionAccountAdmin, CommissionStatementAdmin
from guides.admin.credit_disputes import CreditDisputeAdmin
from guides.admin.credits import CreditAdmin
from guides.admin.escalations import EscalationAdmin
from guides.admin.guide_levels import GuideLevelAdmin
from guides.admin.materials import MaterialAdmin
from guides.admin.moments import MomentPostAdmin, MomentSlotAdmin
from guides.admin.notice_receipts import NoticeReceiptAdmin
from guides.admin.notices import NoticeAdmin
from guides.admin.order_credits import credits_of_order
from guides.admin.policies import PolicyAdmin
from guides.admin.replies import FeedbackAdmin, SurveyAnswerAdmin
from guides.admin.samples import SampleAdmin, SampleCampaignAdmin
from guides.admin.shares import ShareAdmin
from guides.admin.surveys import SurveyAdmin
from guides.admin.task_rules import TaskRuleAdmin
from guides.admin.tasks import TaskAdmin

__all__ = [
    "CommissionAccountAdmin",
    "CommissionEntryAdmin",
    "CommissionMonthAdmin",
    "CommissionStatementAdmin",
    "CreditAdmin",
    "CreditDisputeAdmin",
    "EscalationAdmin",
    "FeedbackAdmin",
    "GuideLevelAdmin",
    "MaterialAdmin",
    "MomentPostAdmin",
    "MomentSlotAdmin",
    "NoticeAdmin",
    "NoticeReceiptAdmin",
    "PolicyAdmin",
    "SampleAdmin",
    "SampleCampaignAdmin",
    "ShareAdmin",
    "SurveyAdmin",
    "SurveyAnswerAdmin",
    "TaskAdmin",
    "TaskRuleAdmin",
    "credits_of_order",
]
