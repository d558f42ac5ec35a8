"""Nouns of the guides floor, lowest first."""

from guides.models.appointments import Appointment
from guides.models.bonds import Bond
from guides.models.commissions import (
    CommissionAccount,
    CommissionEntry,
    CommissionMonth,
    CommissionStatement,
)
from guides.models.credits import Credit, CreditDispute
from guides.models.deeds import Deed
from guides.models.escalations import Escalation, EscalationMessage
from guides.models.evidence import TaskPhoto
from guides.models.handouts import CouponHandout, CouponQuota
from guides.models.leaves import Leave
from guides.models.levels import GuideAssessment, GuideLevelMove
from guides.models.materials import Material, Picture
from guides.models.moments import MomentPost, MomentSlot
from guides.models.notices import Notice, NoticeFile, NoticeReceipt, NoticeWithdrawal
from guides.models.passes import EntryPass
from guides.models.policies import Policy, PolicyStart
from guides.models.recruits import RecruitCode
from guides.models.replies import Feedback, SurveyAnswer, SurveyReply
from guides.models.samples import Sample, SampleCampaign, SampleStock
from guides.models.shares import LinkOpen, LinkStay, Share
from guides.models.shifts import Shift
from guides.models.simulations import PaySimulation
from guides.models.surveys import Survey, SurveyQuestion
from guides.models.tasks import Brief, Task, TaskMove, TaskRule
from guides.models.wecom import WecomApp

__all__ = [
    "Appointment",
    "Bond",
    "Brief",
    "CommissionAccount",
    "CommissionEntry",
    "CommissionMonth",
    "CommissionStatement",
    "CouponHandout",
    "CouponQuota",
    "Credit",
    "CreditDispute",
    "Deed",
    "EntryPass",
    "Escalation",
    "EscalationMessage",
    "Feedback",
    "GuideAssessment",
    "GuideLevelMove",
    "Leave",
    "LinkOpen",
    "LinkStay",
    "Material",
    "MomentPost",
    "MomentSlot",
    "Notice",
    "NoticeFile",
    "NoticeReceipt",
    "NoticeWithdrawal",
    "PaySimulation",
    "Picture",
    "Policy",
    "PolicyStart",
    "RecruitCode",
    "Sample",
    "SampleCampaign",
    "SampleStock",
    "Share",
    "Shift",
    "Survey",
    "SurveyAnswer",
    "SurveyQuestion",
    "SurveyReply",
    "Task",
    "TaskMove",
    "TaskPhoto",
    "TaskRule",
    "WecomApp",
]
