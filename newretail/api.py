"""The paths of the API."""

from django.urls import path

from members.api import consents, events, members, orders, points, refunds
from newretail.kernel.api import kinds
from stores.api import imports, job_runs, products, staff, stores, webhooks

urlpatterns = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders:batch", orders.OrdersBatch.as_view(), name="orders_batch"),
    path("orders/<str:source>/<str:order_no>", orders.OneOrder.as_view(), name="order"),
    *kinds.paths(refunds.KIND),
    *kinds.paths(events.KIND),
    *kinds.paths(members.KIND),
    path("members/<str:member_no>", members.OneMember.as_view(), name="member"),
    path("members/<str:member_no>/phone", members.Phone.as_view(), name="member_phone"),
    path("members/<str:member_no>/points", points.MemberPoints.as_view(), name="points"),
    path("members/<str:member_no>/points/entries", points.MemberEntries.as_view(), name="points_entries"),
    path("members/<str:member_no>/points:spend", points.Spend.as_view(), name="points_spend"),
    path("members/<str:member_no>/points:earn", points.Earn.as_view(), name="points_earn"),
    path("members/<str:member_no>/points:give", points.Gift.as_view(), name="points_give"),
    path("points:reverse", points.Reverse.as_view(), name="points_reverse"),
    path("consents:batch", consents.ConsentsBatch.as_view(), name="consents_batch"),
    path("consent-texts", consents.ConsentTexts.as_view(), name="consent_texts"),
    path("members/<str:member_no>/consents", consents.MemberConsents.as_view(), name="member_consents"),
    path("members/<str:member_no>/consent-links", consents.ConsentLinks.as_view(), name="consent_links"),
    path("members/<str:member_no>/touches", consents.MemberTouches.as_view(), name="member_touches"),
    *kinds.paths(products.KIND),
    *kinds.paths(stores.KIND),
    *kinds.paths(staff.KIND),
    path("webhooks", webhooks.Endpoints.as_view(), name="endpoints"),
    path("webhooks/<str:ref>", webhooks.OneEndpoint.as_view(), name="endpoint"),
    path("webhooks/<str:ref>/secret", webhooks.Rotate.as_view(), name="endpoint_secret"),
    path("webhooks/<str:ref>/close", webhooks.Close.as_view(), name="endpoint_close"),
    path("webhooks/<str:ref>/enable", webhooks.State.as_view(), name="endpoint_enable"),
    path("webhooks/<str:ref>/test", webhooks.Ping.as_view(), name="endpoint_test"),
    path("webhooks/<str:ref>/deliveries", webhooks.Deliveries.as_view(), name="deliveries"),
    path("webhooks/<str:ref>/replay", webhooks.Replay.as_view(), name="replay"),
    path("imports", imports.Imports.as_view(), name="imports"),
    path("imports/<str:number>:confirm", imports.Confirm.as_view(), name="import_confirm"),
    path("imports/<str:number>", imports.OneImport.as_view(), name="import"),
    path("imports/<str:number>/errors", imports.Errors.as_view(), name="import_errors"),
    path("imports/<str:number>/errors.csv", imports.ErrorsFile.as_view(), name="import_errors_file"),
    path("job-runs", job_runs.JobRuns.as_view(), name="job_runs"),
    path("job-runs/<str:name>/<str:as_of>", job_runs.OneJobRun.as_view(), name="job_run"),
]
