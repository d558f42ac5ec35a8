"""Paths of a guide's phone."""

from django.urls import path

from guides.views import day, own

urlpatterns = [
    path("g/", day.day, name="guide_day"),
    path("g/tasks/<uuid:task>/", day.one, name="guide_task"),
    path("g/tasks/<uuid:task>/do/", day.do, name="guide_do"),
    path("g/me/", own.me, name="guide_me"),
    path("g/app.webmanifest", own.manifest, name="guide_manifest"),
]
