"""How lists of members and orders are narrowed."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Level
from members.models.portraits import Group, Relationship, Stage
from newretail.kernel import words
from newretail.kernel.verbadmin import ChoicePick, DaySpan, NumberSpan, Pick, Written
from stores.models import Channel, Region, Store
from stores.queries import sight_of

NONE = "-"  # of no store, of no region
SCORES = [(str(score), str(score)) for score in range(5, 0, -1)]


class StagePick(ChoicePick):
    """By lifecycle stage."""

    title, parameter_name, field, offered = _("stage"), "stage", "portrait__stage", Stage


class RelationshipPick(ChoicePick):
    """By relationship."""

    title, parameter_name, field = _("relationship"), "relationship", "portrait__relationship"
    offered = Relationship


class GroupPick(ChoicePick):
    """By RFM group."""

    title, parameter_name, field, offered = _("RFM group"), "group", "portrait__group", Group


class RecencyPick(ChoicePick):
    """By R."""

    title, parameter_name, field, offered = "R", "r", "portrait__r", SCORES


class FrequencyPick(ChoicePick):
    """By F."""

    title, parameter_name, field, offered = "F", "f", "portrait__f", SCORES


class MonetaryPick(ChoicePick):
    """By M."""

    title, parameter_name, field, offered = "M", "m", "portrait__m", SCORES


class SuperPick(ChoicePick):
    """Super customers, or the others."""

    title, parameter_name, field = _("super customer"), "super", "portrait__is_super"
    offered = (("1", _("yes")), ("0", _("no")))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep those who are, or are not."""
        return queryset.filter(portrait__is_super=value == "1")


class LevelPick(Pick):
    """By level."""

    title, parameter_name, field = _("level"), "level", "level_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the levels, the lowest first."""
        return [(str(level.pk), level.name) for level in Level.objects.order_by("rank")]


class MergedPick(ChoicePick):
    """Persons, each once; or the rows that live on in another."""

    title, parameter_name, field = _("merged"), "merged", "merged_into"
    offered = (("1", _("merged into another")),)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave merged rows out unless they are asked for."""
        return queryset.filter(merged_into__isnull=self.value() != "1")

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Say what stands there without a choice: persons."""
        persons, *others = super().choices(changelist)
        yield {**persons, "display": _("persons, each once")}
        yield from others


class StorePick(Pick):
    """By a store within sight."""

    title, parameter_name, field, without = _("store"), "store", "store_id", _("no store (online)")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the stores this person may see; who sees everything may ask for what has none."""
        rows = Store.objects.visible_to(request.user).order_by("name").values_list("pk", "name")
        none = [(NONE, self.without)] if sight_of(request.user).everything else []
        return [(str(pk), name) for pk, name in rows] + none

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the rows of the store, or those of no store."""
        return queryset.filter(**{f"{self.field}__isnull": True}) if value == NONE else super().narrow(queryset, value)


class HomeStorePick(StorePick):
    """By home store."""

    title, field, without = _("home store"), "home_store_id", _("no home store")


class RegionPick(Pick):
    """By a region within sight."""

    title, parameter_name, field = _("region"), "region", "store__region_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the regions of the stores this person may see; who sees everything may ask for stores of none."""
        seen = Region.objects.visible_to(request.user).values_list("pk", "name")
        none = [(NONE, _("no region"))] if sight_of(request.user).everything else []
        return [(str(pk), name) for pk, name in seen] + none

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the rows of the region, or those of stores of no region."""
        if value != NONE:
            return super().narrow(queryset, value)
        store = self.field.removesuffix("__region_id")
        return queryset.filter(**{f"{self.field}__isnull": True, f"{store}__isnull": False})


class HomeRegionPick(RegionPick):
    """By the region of the home store."""

    field = "home_store__region_id"


class LastSpan(DaySpan):
    """By the day of the last purchase."""

    title, parameter, field, instant = _("last purchase"), "last", "portrait__last_day", False


class JoinedSpan(DaySpan):
    """By the day of joining."""

    title, parameter, field = _("joined at"), "joined", "joined_at"


class YearlySpan(NumberSpan):
    """By purchases in a year."""

    title, parameter, field = _("purchases in a year"), "frequency", "portrait__frequency"


class AovSpan(NumberSpan):
    """By average order value in whole yuan, from low up to but not including high."""

    title, parameter, unit = _("average order value (yuan)"), "aov", _("yuan")

    def within(self, queryset: QuerySet[Any], low: int | None, high: int | None) -> QuerySet[Any]:
        """Compare amounts instead of dividing them."""
        if low is None and high is None:
            return queryset
        queryset = queryset.filter(portrait__frequency__gt=0)

        def times(yuan: int) -> Any:
            return Cast(F("portrait__frequency"), BigIntegerField()) * Value(yuan * 100, BigIntegerField())

        if low is not None:
            queryset = queryset.filter(portrait__monetary_cents__gte=times(low))
        if high is not None:
            queryset = queryset.filter(portrait__monetary_cents__lt=times(high))
        return queryset


class SourceWritten(Written):
    """By the system an order came from."""

    title, parameter, field = _("source"), "source", "source"


class StaffWritten(Written):
    """By the staff no. of who sold it."""

    title, parameter, field = _("sold by (staff no.)"), "staff", "sold_by__user__staff_no"


class ChannelPick(Pick):
    """By channel."""

    title, parameter_name, field = _("channel"), "channel", "channel_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the channels."""
        rows = Channel.objects.order_by("name").values_list("pk", "code", "name")
        return [(str(pk), words.named(code, name)) for pk, code, name in rows]


class RefundedPick(ChoicePick):
    """By what went back."""

    title, parameter_name = _("refunded"), "refunded"
    offered = (("none", _("nothing")), ("part", _("in part")), ("full", _("in full")))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep orders by how much of them was refunded."""
        whole = Q(refunded_cents__gt=0, refunded_cents=F("amount_cents"))
        found = {"none": Q(refunded_cents=0), "part": Q(refunded_cents__gt=0) & ~whole, "full": whole}
        return queryset.filter(found[value])


class PaidSpan(DaySpan):
    """By the day of payment."""

    title, parameter, field = _("paid at"), "paid", "paid_at"
