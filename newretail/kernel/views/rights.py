"""The table of rights as a page: who may do what, and how far."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from newretail.kernel import scopes
from newretail.kernel.doors import scoped


@scoped("scopes")
def rights(request: HttpRequest) -> HttpResponse:
    """Show the table: a row for each deed, a column for each role."""
    rows = [
        {
            "resource": scopes.RESOURCE_WORDS.get(row.resource, row.resource),
            "first": number == 0 or scopes.TABLE[number - 1].resource != row.resource,
            "action": scopes.ACTION_WORDS[row.action],
            "cells": [
                (row.reach(role).name.lower(), row.reach(role).word, scopes.ROLE_WORDS[role]) for role in scopes.ROLES
            ],
        }
        for number, row in enumerate(scopes.TABLE)
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("Who may do what"),
        "roles": [scopes.ROLE_WORDS[role] for role in scopes.ROLES],
        "asked": [(role in scopes.SECOND_FACTOR, scopes.ROLE_WORDS[role]) for role in scopes.ROLES],
        "rows": rows,
    }
    return TemplateResponse(request, "admin/rights.html", context)
