"""The paths of the API."""

from django.urls import path

from members.api import orders

urlpatterns = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders:batch", orders.OrdersBatch.as_view(), name="orders_batch"),
    path("orders/<str:source>/<str:order_no>", orders.OneOrder.as_view(), name="order"),
]
