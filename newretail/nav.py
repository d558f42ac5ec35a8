"""What stands in the side bar, composed from the floors by URL name."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from newretail.kernel.scopes import Action, Resource, allowed


def _page(title: Any, icon: str, url_name: str, resource: Resource, action: Action = "view") -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(url_name), "permission": allowed(resource, action)}


def _item(title: Any, icon: str, url_name: str, resource: Resource) -> dict[str, Any]:
    return _page(title, icon, f"admin:{url_name}", resource)


def _above(item: dict[str, Any], below: str) -> dict[str, Any]:
    """Let a list stand out on its own pages only, not on the page of another item that lies below it."""

    def active(request: HttpRequest) -> bool:
        """Tell whether the page is the list's own."""
        list_path = str(item["link"])
        return request.path.startswith(list_path) and request.path != f"{list_path}{below}"

    return {**item, "active": active}


def _group(title: Any, *items: dict[str, Any]) -> dict[str, Any]:
    """Items under a heading that folds; the one in which she is stands open."""
    return {"title": title, "collapsible": True, "items": list(items)}


SIDEBAR: dict[str, Any] = {
    "show_search": False,
    "show_all_applications": False,
    "navigation": [
        {
            "title": None,
            "items": [
                _item(_("Overview"), "monitoring", "index", "home"),
                _item(_("Members"), "group", "members_member_changelist", "members"),
                _item(_("Orders"), "receipt_long", "members_order_changelist", "orders"),
                _item(_("Stores"), "storefront", "stores_store_changelist", "stores"),
                _page(_("Targets"), "flag", "targets", "targets"),
                _item(_("Products"), "inventory_2", "stores_product_changelist", "products"),
                _item(_("Staff"), "badge", "kernel_user_changelist", "staff"),
                _page(_("Hand over customers"), "swap_horiz", "handover", "bonds", "change"),
                _page(_("Till"), "point_of_sale", "till", "redemptions", "change"),
            ],
        },
        _group(
            _("Members and levels"),
            _item(_("Levels"), "military_tech", "members_level_changelist", "levels"),
            _item(_("Level schemes"), "stairs", "members_levelscheme_changelist", "levels"),
            _item(_("Level moves"), "swap_vert", "members_levelmove_changelist", "benefits"),
            _item(_("Growth adjustments"), "trending_up", "members_growthadjustment_changelist", "benefits"),
            _item(_("Tags"), "sell", "members_tag_changelist", "tags"),
            _item(_("Events"), "ads_click", "members_event_changelist", "events"),
            _item(_("Duplicates"), "join", "members_duplicate_changelist", "duplicates"),
            _item(_("Merges"), "merge", "members_merge_changelist", "duplicates"),
            _item(_("Claims"), "contact_mail", "members_claim_changelist", "duplicates"),
        ),
        _group(
            _("Guides"),
            _above(_item(_("Tasks of guides"), "task_alt", "guides_task_changelist", "tasks"), "completion/"),
            _item(_("Completion of tasks"), "bar_chart", "guides_task_completion", "tasks"),
            _item(_("Task rules"), "rule_settings", "guides_taskrule_changelist", "task_rules"),
            _above(_item(_("Surveys"), "quiz", "guides_survey_changelist", "surveys"), "results/"),
            _item(_("What customers said"), "forum", "guides_survey_results", "surveys"),
            _above(_item(_("Sample campaigns"), "science", "guides_samplecampaign_changelist", "samples"), "report/"),
            _item(_("What came of samples"), "insights", "guides_samplecampaign_report", "samples"),
            _item(_("Contests"), "emoji_events", "analytics_contest_changelist", "contests"),
            _item(_("Notices"), "campaign", "guides_notice_changelist", "notices"),
            _item(_("Escalations"), "escalator", "guides_escalation_changelist", "escalations"),
            _above(_item(_("Materials"), "perm_media", "guides_material_changelist", "materials"), "usage/"),
            _item(_("What came of materials"), "insights", "guides_material_usage", "materials"),
            _item(_("Shares of guides"), "share", "guides_share_changelist", "materials"),
            _item(_("Plan of Moments"), "calendar_view_week", "guides_momentslot_changelist", "moments"),
            _item(_("Posts in Moments"), "add_a_photo", "guides_momentpost_changelist", "moments"),
            _item(_("Receipts of notices"), "mark_email_read", "guides_noticereceipt_changelist", "notices"),
        ),
        _group(
            _("Levels and pay of guides"),
            _item(_("Levels of guides"), "leaderboard", "stores_post_changelist", "guide_levels"),
            _item(_("Policies of levels and pay"), "gavel", "guides_policy_changelist", "guide_policies"),
        ),
        _group(
            _("Commission"),
            _item(_("Commission by month"), "payments", "guides_commissionmonth_changelist", "guide_pay"),
            _item(_("Statements"), "request_quote", "guides_commissionstatement_changelist", "guide_pay"),
            _item(_("Commission lines"), "receipt", "guides_commissionentry_changelist", "guide_pay"),
            _item(_("Commission accounts"), "account_balance", "guides_commissionaccount_changelist", "guide_pay"),
            _item(_("Disputes"), "gavel", "guides_creditdispute_changelist", "guide_pay"),
            _above(_item(_("Whose orders are"), "call_split", "guides_credit_changelist", "guide_pay"), "suspicions/"),
            _item(_("Signs of made-up orders"), "policy_alert", "guides_credit_suspicions", "guide_pay"),
        ),
        _group(
            _("Points and coupons"),
            _above(_item(_("Points"), "toll", "members_pointsaccount_changelist", "points"), "liability/"),
            _item(_("Points entries"), "receipt", "members_pointsentry_changelist", "points"),
            _item(_("Points liability"), "bar_chart", "members_pointsaccount_liability", "points"),
            _item(_("Earn rules"), "rule", "members_earnrule_changelist", "earn_rules"),
            _item(_("Coupon plans"), "confirmation_number", "members_couponplan_changelist", "coupon_plans"),
            _above(_item(_("Coupons"), "local_activity", "members_coupon_changelist", "coupons"), "report/"),
            _item(_("Gifts"), "redeem", "members_gift_changelist", "gifts"),
            _item(_("Gift orders"), "shopping_bag", "members_giftorder_changelist", "gift_orders"),
            _item(_("Redemptions"), "insights", "members_coupon_report", "redemptions"),
        ),
        _group(
            _("Campaigns"),
            _item(_("Segments"), "groups", "campaigns_segment_changelist", "segments"),
            _above(
                _item(_("Touch plans"), "event_upcoming", "campaigns_touchplan_changelist", "touch_plans"), "board/"
            ),
            _item(_("Month of plans"), "calendar_month", "campaigns_touchplan_board", "touch_plans"),
        ),
        _group(
            _("Touches and consent"),
            _item(_("Touches"), "outgoing_mail", "members_touch_changelist", "touches"),
            _item(_("Channels"), "cell_tower", "campaigns_channelsetup_changelist", "channels"),
            _item(_("Touch caps"), "speed", "members_touchcap_changelist", "touch_caps"),
            _item(_("Consents"), "verified_user", "members_consent_changelist", "consents"),
            _item(_("Consent texts"), "article", "members_consenttext_changelist", "consent_texts"),
            _item(_("Requests of members"), "contact_support", "members_personrequest_changelist", "persons"),
            _item(_("Phone reveals"), "visibility", "members_phonereveal_changelist", "phone_reveals"),
        ),
        _group(
            _("Files and other systems"),
            _item(_("Imports"), "upload_file", "kernel_importfile_changelist", "imports"),
            _item(_("My exports"), "download", "kernel_exportfile_changelist", "exports"),
            _item(_("API keys"), "key", "kernel_apikey_changelist", "keys"),
            _item(_("Webhooks"), "webhook", "kernel_endpoint_changelist", "webhooks"),
            _item(_("Inbox of messages"), "move_to_inbox", "kernel_inboxsource_changelist", "inbox"),
            _item(_("Parked refunds"), "hourglass_empty", "members_parkedrefund_changelist", "imports"),
        ),
        _group(
            _("Running the house"),
            _item(_("Job runs"), "schedule", "kernel_jobrun_changelist", "job_runs"),
            _item(_("Journal"), "history", "kernel_journalentry_changelist", "journal"),
            _item(_("Holidays"), "event", "kernel_holiday_changelist", "holidays"),
            _item(_("Brand settings"), "tune", "kernel_setting_changelist", "settings"),
            _page(_("Who may do what"), "policy", "rights", "scopes"),
        ),
    ],
}
