"""Targets as a file: the columns of the import, and beside them how far each place has come."""

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any, cast

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from analytics.queries import targets as boards
from analytics.queries.targets import Grid, Line
from analytics.views import target_words as words
from newretail.kernel import clock
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.files import storage
from newretail.kernel.models import User
from newretail.kernel.verbadmin import export as files
from newretail.kernel.verbadmin.export import Column
from stores.models import Metric
from stores.queries import targets as aims


def _number(pick: Callable[[Line], int | None], metric: str) -> Callable[[Line], object]:
    return lambda line: words.plain(pick(line), metric)


def _columns(found: Grid) -> list[Column]:
    """Give the columns: those an import reads by their names in the file, then what only people read."""
    metric, money = found.metric.value, found.metric is Metric.SALES

    def of(pick: Callable[[Any], int | None]) -> Callable[[Line], object]:
        return _number(lambda line: pick(line.progress) if line.progress else None, metric)

    return [
        Column("month", lambda _line: f"{found.days.month.first:%Y-%m}"),
        Column("metric", lambda _line: metric),
        Column("place", lambda line: str(line.node.place.kind)),
        Column("code", lambda line: line.node.code),
        Column("amount", _number(lambda line: line.target.amount if line.target else None, metric), money=money),
        Column(_("name"), lambda line: line.node.name),
        Column(_("actual"), of(lambda come: come.actual), money=money),
        Column(_("target to date"), of(lambda come: come.to_date), money=money),
        Column(_("forecast"), of(lambda come: come.forecast and come.forecast.amount), money=money),
        Column(_("forecast, at least"), of(lambda come: come.forecast and come.forecast.low), money=money),
        Column(_("forecast, at most"), of(lambda come: come.forecast and come.forecast.high), money=money),
        Column(_("a year earlier"), of(lambda come: come.year_before), money=money),
    ]


@scoped("targets", "export")
def take(request: HttpRequest) -> HttpResponseBase:
    """Take a month's targets out as CSV or Excel; what comes out can be changed and brought in again."""
    today = clock.business_day(clock.now())
    month = words.month_in(request.GET.get("month", ""), aims.month_of(today))
    asked = request.GET.get("metric", "")
    metric = asked if asked in Metric.values else Metric.SALES.value
    form = files.XLSX if request.GET.get("form") == files.XLSX else files.CSV
    found = boards.grid(request.user, metric=metric, month=month, today=today)
    lines = [line for line in found.lines if line.target is not None]
    now, user = clock.now(), cast("User", request.user)
    exports.take(
        noun="stores.target", filters=["month", "metric"], rows=len(lines), at=now, by=user,
        most=exports.FILE_MOST_ROWS,
    )  # fmt: skip
    columns = _columns(found)
    file = TemporaryFile(dir=storage.folder(storage.EXPORTS))  # noqa: SIM115 - closed with the answer
    writer = files.XlsxWriter(file, columns, now) if form == files.XLSX else files.CsvWriter(file)
    writer.row([column.header for column in columns])
    for line in lines:
        writer.row([column.cell(line) for column in columns])
    writer.close()
    file.seek(0)
    return FileResponse(file, headers=files.headers(form, f"targets-{metric}-{month:%Y-%m}"))
