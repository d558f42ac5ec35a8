"""Paths of the boards: stores by code, regions by name; the search box; targets, in the admin's frame."""

from django.urls import path

from analytics.views import (
    contests,
    desk,
    guide_days,
    people,
    regions,
    search,
    service,
    service_files,
    stores,
    target_files,
    target_versions,
    target_years,
    targets,
    weeks,
)

urlpatterns = [
    path("g/contests/", contests.of_guide, name="guide_contests"),
    path("search/", search.search, name="search"),
    path("admin/targets/", targets.grid, name="targets"),
    path("admin/targets/save/", targets.save, name="targets_save"),
    path("admin/targets/year/", target_years.year, name="targets_year"),
    path("admin/targets/versions/", target_versions.versions, name="targets_versions"),
    path("admin/targets/versions/back/", target_versions.go_back, name="targets_back"),
    path("admin/targets/export/", target_files.take, name="targets_export"),
    path("admin/targets/days/<path:code>/weights/", targets.put_weights, name="targets_weights"),
    path("admin/targets/days/<path:code>/", targets.days, name="targets_days"),
    path("regions/", regions.listed, name="regions"),
    path("regions/people/<slug:who>/", people.of_all, name="regions_people"),
    path("regions/guides/", service.of_all, name="regions_guides"),
    path("regions/guides/export/", service_files.of_all, name="regions_guides_file"),
    path("regions/<path:name>/guides/", service.of_region, name="region_guides"),
    path("regions/<path:name>/guides/export/", service_files.of_region, name="region_guides_file"),
    path("regions/<path:name>/people/<slug:who>/", people.of_region, name="region_people"),
    path("regions/<path:name>/", regions.board, name="region"),
    path("stores/", stores.listed, name="stores"),
    path("stores/<path:code>/weeks/<str:name>/", weeks.review, name="store_week"),
    path("stores/<path:code>/guides/", service.of_store, name="store_guides"),
    path("stores/<path:code>/guides/do/", desk.do, name="store_guides_do"),
    path("stores/<path:code>/guides/export/", service_files.of_store, name="store_guides_file"),
    path("stores/<path:code>/guides/<str:staff_no>/", guide_days.of_guide, name="store_guide"),
    path("stores/<path:code>/people/<slug:who>/", people.of_store, name="store_people"),
    path("stores/<path:code>/", stores.board, name="store"),
]
