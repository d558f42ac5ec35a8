"""The brand's settings on one page: what each means, what holds now, since when, and a form to change it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast
from zoneinfo import available_timezones

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newretail.kernel import brand, clock, money, numbers
from newretail.kernel.actions import settings
from newretail.kernel.declared import DECLARED, Declared
from newretail.kernel.holding import CUTS, CUTS_EACH
from newretail.kernel.models import Setting, User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import VerbAdmin
from newretail.kernel.verbs import Refused

CHANGES_SHOWN = 10
SPLIT = re.compile(r"[;；\n]")
LINES = {
    "last_day": gettext_lazy("last purchase"),
    "frequency": gettext_lazy("purchases in a year"),
    "monetary": gettext_lazy("amount in a year"),
}
Given = Mapping[str, str]


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(text[:20])
    return int(text)


def _four(given: Given, name: str, read: Callable[[str], Any]) -> list[Any]:
    return [read(given.get(f"{name}_{i}", "").strip()) for i in range(CUTS_EACH)]


def _read_cuts(given: Given) -> dict[str, list[Any]] | None:
    """Read the lines of cuts that were filled in; none at all means none."""
    reads: dict[str, Callable[[str], Any]] = {"last_day": str, "frequency": _whole, "monetary": money.to_cents}
    filled = [name for name in CUTS if any(given.get(f"{name}_{i}", "").strip() for i in range(CUTS_EACH))]
    return {name: _four(given, name, reads[name]) for name in filled} or None


def read(declared: Declared, given: Given) -> Any:
    """Read a value as a form gives it; whatever cannot be read is a ValueError."""
    text = given.get("value", "").strip()
    if declared.shape == "whole":
        return _whole(text)
    if declared.shape == "cents":
        return money.to_cents(text) if text or declared.default is not None else None
    if declared.shape == "months":
        return _four(given, "value", _whole)
    if declared.shape == "cuts":
        return _read_cuts(given)
    if declared.shape == "spans":
        return [" ".join(each.split()) for each in SPLIT.split(text) if each.strip()]
    return text


def in_words(declared: Declared, value: Any) -> str:
    """Say a value of a setting."""
    if value is None:
        return _("left to the calculation")
    if declared.shape == "cents":
        return people.money(value)
    if declared.shape == "months":
        return str(declared.unit) % {"n": " · ".join(map(str, value))}
    if declared.shape == "spans":
        return "; ".join(value)
    if declared.shape == "cuts":
        cells = {n: [people.money(v) if n == "monetary" else str(v) for v in each] for n, each in value.items()}
        return "; ".join(f"{LINES[name]} {' · '.join(each)}" for name, each in cells.items())
    labels = {code: str(label) for code, label in declared.choices}
    return labels.get(str(value)) or str(declared.unit) % {
        "n": numbers.grouped(value) if declared.shape == "whole" else value
    }


def _boxes(declared: Declared, value: Any) -> list[dict[str, Any]]:
    """Describe the lines of input boxes of a setting that has several: name, label, type, text."""
    if declared.shape == "months":
        return [
            {"label": "", "boxes": [{"name": f"value_{i}", "type": "number", "text": v} for i, v in enumerate(value)]}
        ]
    if declared.shape != "cuts":
        return []
    lines = []
    for name in CUTS:
        cuts = (value or {}).get(name) or [""] * CUTS_EACH
        texts = [money.to_yuan(v) if name == "monetary" and v != "" else v for v in cuts]
        kind = {"last_day": "date", "frequency": "number"}.get(name, "text")
        boxes = [{"name": f"{name}_{i}", "type": kind, "text": text} for i, text in enumerate(texts)]
        lines.append({"label": LINES[name], "boxes": boxes})
    return lines


@dataclass(frozen=True)
class Change:
    """One change: when, by whom, from what, to what."""

    at: datetime
    by: User | None
    was: str
    now: str


@dataclass(frozen=True)
class Card:
    """One setting on the page; `refused` is the sentence of a value that was not taken."""

    key: str
    declared: Declared
    value: Any
    seen: int
    changes: list[Change]
    fixed: bool
    refused: str = ""
    typed: Given | None = None

    @property
    def shown(self) -> str:
        """Say the value in force."""
        return in_words(self.declared, self.value)

    @property
    def default(self) -> str:
        """Say the default."""
        return in_words(self.declared, self.declared.default)

    @property
    def text(self) -> str:
        """Write the value as the form's box holds it: what was typed, where it was refused."""
        if self.typed is not None:
            return self.typed.get("value", "")
        if self.declared.shape == "cents":
            return "" if self.value is None else money.to_yuan(self.value)
        return self.shown if self.declared.shape == "spans" else str(self.value)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Describe the boxes of a setting that has several."""
        lines = _boxes(self.declared, self.value)
        for box in (box for line in lines for box in line["boxes"] if self.typed is not None):
            box["text"] = (self.typed or {}).get(box["name"], "")
        return lines

    @property
    def unit(self) -> str:
        """Say the unit alone, for beside the box."""
        return (str(self.declared.unit) % {"n": ""}).strip()

    @property
    def proposal(self) -> str:
        """Say the value that was measured and is proposed, nothing without one."""
        value = brand.proposed(self.key)
        return "" if value is None else in_words(self.declared, value)


def _newest() -> dict[str, list[Setting]]:
    """Give the last changes of each setting, the newest first; one query."""
    place = Window(RowNumber(), partition_by=F("key"), order_by=F("id").desc())
    rows = Setting.objects.annotate(place=place).filter(place__lte=CHANGES_SHOWN + 1).select_related("by")
    return {key: list(each) for key, each in groupby(rows.order_by("key", "-id"), lambda row: row.key)}


def _changes(declared: Declared, rows: list[Setting]) -> list[Change]:
    before = [row.value for row in rows[1:]] + [declared.default]
    told = [
        Change(row.set_at, row.by, in_words(declared, was), in_words(declared, row.value))
        for row, was in zip(rows, before, strict=False)
    ]
    return told[:CHANGES_SHOWN]


def cards(*, refused: str = "", about: str = "", typed: Given | None = None) -> list[Card]:
    """Give every setting as it stands; `refused` says why a value typed for one of them was not taken."""
    newest, trading = _newest(), brand.is_trading()
    found = []
    for key, declared in DECLARED.items():
        rows, here = newest.get(key, []), key == about
        value = rows[0].value if rows else declared.default
        card = Card(
            key=key,
            declared=declared,
            value=brand.setting(key) if declared.of_tenant else value,
            seen=rows[0].pk if rows else 0,
            changes=_changes(declared, rows),
            fixed=bool(declared.of_tenant) and trading,
            refused=refused if here else "",
            typed=typed if here else None,
        )
        found.append(card)
    return found


@admin.register(Setting)
class SettingAdmin(VerbAdmin):
    """The settings page; each change is a verb's, a refused one changes nothing and is told where it was typed."""

    resource = "settings"

    def get_urls(self) -> list[URLPattern]:
        """Offer no file: the command tells each value."""
        return [each for each in super().get_urls() if not str(each.name).endswith("_export")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the settings, or set one."""
        if not self.may(request, "view"):
            raise PermissionDenied
        if request.method == "POST":
            return self._put(request)
        return self._page(request, cards())

    def _put(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "change"):
            raise PermissionDenied
        key, given = request.POST.get("key", ""), request.POST.dict()
        declared = DECLARED.get(key)
        if declared is None:
            messages.error(request, str(settings.UnknownSetting(key=key[:60], known=", ".join(DECLARED))))
            return self._page(request, cards(), status=400)
        try:
            value = self._read(key, declared, given)
            seen = _whole(given.get("seen") or "0")
            settings.put(key=key, value=value, at=clock.now(), by=cast("User", request.user), seen=seen)
        except Refused as refusal:
            return self._page(request, cards(refused=str(refusal), about=key, typed=given), status=400)
        said = _("%(name)s is now %(value)s.") % {"name": declared.name, "value": in_words(declared, value)}
        messages.success(request, f"{said} {declared.effect}")
        return redirect(f"{request.path}#{key}")

    def _read(self, key: str, declared: Declared, given: Given) -> Any:
        try:
            return read(declared, given)
        except ValueError:
            raise settings.BadValue(key=key, name=declared.name, allowed=declared.allowed) from None

    def _page(self, request: HttpRequest, found: list[Card], status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Brand settings"),
            "groups": [(group, list(each)) for group, each in groupby(found, lambda card: card.declared.group)],
            "may_change": self.may(request, "change"),
            "zones": sorted(available_timezones()),
        }
        return TemplateResponse(request, "admin/kernel/setting/page.html", context, status=status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to its place among the others: the settings stand together."""
        row = self.found(request, object_id)
        return redirect(f"{reverse('admin:kernel_setting_changelist')}#{row.key}")
