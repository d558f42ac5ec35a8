"""Paths of the boards: stores by code."""

from django.urls import path

from analytics.views import stores

urlpatterns = [
    path("stores/", stores.listed, name="stores"),
    path("stores/<path:code>/people/<slug:who>/", stores.people, name="store_people"),
    path("stores/<path:code>/", stores.board, name="store"),
]
