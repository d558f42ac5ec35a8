"""Whose: a brand has a schema of its own, its domains lead there."""

from django.core.validators import RegexValidator
from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Brand(TenantMixin):
    """A retail brand; its schema carries its code."""

    code = models.CharField(max_length=40, unique=True, validators=[RegexValidator(r"\A[a-z][a-z0-9_]{1,39}\Z")])
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY")
    notice = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):
    """A host name that answers for a brand."""
