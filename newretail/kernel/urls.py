"""Paths of importing in the browser, in the admin's frame."""

from django.urls import path

from newretail.kernel.views import uploads

app_name = "imports"
urlpatterns = [
    path("new/", uploads.new, name="new"),
    path("<int:pk>/", uploads.page, name="upload"),
    path("<int:pk>/columns/", uploads.columns, name="columns"),
    path("<int:pk>/confirm/", uploads.confirm, name="confirm"),
    path("<int:pk>/cancel/", uploads.cancel, name="cancel"),
    path("<int:pk>/drop/", uploads.drop, name="drop"),
]
