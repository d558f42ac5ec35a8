"""What may be begun from a list stands above it, for those alone who may."""

import pytest
from django.urls import reverse

from tests import sights

BEGUN = {
    "guides_policy": "admin:guides_policy_levels_draft",
    "members_earnrule": "admin:members_earnrule_next",
    "members_levelscheme": "admin:members_levelscheme_draft",
    "members_consenttext": "admin:members_consenttext_publish",
    "members_couponplan": "admin:members_couponplan_add",
    "members_tag": "admin:members_tag_add",
    "kernel_apikey": "admin:kernel_apikey_issue",
    "kernel_endpoint": "admin:kernel_endpoint_new",
    "kernel_inboxsource": "admin:kernel_inboxsource_new",
}


@pytest.mark.parametrize("noun", BEGUN)
def test_who_may_begins_from_the_list_and_others_do_not(noon, noun):
    listed, begun = reverse(f"admin:{noun}_changelist"), reverse(BEGUN[noun])
    link = f'class="hq-begin" href="{begun}"'
    assert link in sights.text(sights.browser("hq").get(listed))
    answer = sights.browser("auditor").get(listed)
    assert answer.status_code == 403 or link not in sights.text(answer)
    assert sights.browser("hq").get(begun).status_code == 200
