"""Paths of the boards: stores by code, regions by name; and the search box."""

from django.urls import path

from analytics.views import regions, search, stores, weeks

urlpatterns = [
    path("search/", search.search, name="search"),
    path("regions/", regions.listed, name="regions"),
    path("regions/<path:name>/", regions.board, name="region"),
    path("stores/", stores.listed, name="stores"),
    path("stores/<path:code>/weeks/<str:name>/", weeks.review, name="store_week"),
    path("stores/<path:code>/people/<slug:who>/", stores.people, name="store_people"),
    path("stores/<path:code>/", stores.board, name="store"),
]
