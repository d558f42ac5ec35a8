"""Paths of the pages of the members floor: the till."""

from django.urls import path

from members.views import till

urlpatterns = [path("till/", till.till, name="till")]
