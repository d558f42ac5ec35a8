"""The paths of the API."""

from django.urls import path

from members.api import members, orders
from newretail.kernel.api import kinds
from stores.api import products, staff, stores

urlpatterns = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders:batch", orders.OrdersBatch.as_view(), name="orders_batch"),
    path("orders/<str:source>/<str:order_no>", orders.OneOrder.as_view(), name="order"),
    *kinds.paths(members.KIND),
    path("members/<str:member_no>", members.OneMember.as_view(), name="member"),
    path("members/<str:member_no>/phone", members.Phone.as_view(), name="member_phone"),
    *kinds.paths(products.KIND),
    *kinds.paths(stores.KIND),
    *kinds.paths(staff.KIND),
]
