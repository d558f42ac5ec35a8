"""How guides serve, as a file: the figures of the page, one line for each guide, store or region."""

from tempfile import TemporaryFile
from typing import cast

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from analytics.queries import service
from analytics.queries.service import Line
from analytics.views.service import Place, asked, place_of_all, place_of_region, place_of_store
from newretail.kernel import clock, money
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.files import storage
from newretail.kernel.models import User
from newretail.kernel.verbadmin import export as files
from newretail.kernel.verbadmin.export import Column


def _columns() -> list[Column]:
    def of(name: str) -> Column:
        return Column(name, lambda line: getattr(line, name))

    return [
        of("code"),
        Column(_("name"), lambda line: line.name),
        of("open"), of("overdue"), of("done"), Column("due", lambda line: line.judged), of("on_time"),
        of("touches"), of("added"), Column("moments_planned", lambda line: line.planned),
        Column("moments_posted", lambda line: line.posted),
        Column("moments_in_time", lambda line: line.posted_in_time), of("shares"), of("opens"), of("orders"),
        Column("sales", lambda line: money.to_yuan(line.cents), money=True),
    ]  # fmt: skip


@scoped("tasks", "export")
def of_store(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take the guides of a store out as CSV or Excel."""
    return _taken(request, place_of_store(request, code))


@scoped("regions", "export")
def of_region(request: HttpRequest, name: str) -> HttpResponseBase:
    """Take the stores of a region out as CSV or Excel."""
    return _taken(request, place_of_region(request, name))


@scoped("regions", "export")
def of_all(request: HttpRequest) -> HttpResponseBase:
    """Take all places within sight out as CSV or Excel."""
    return _taken(request, place_of_all(request))


def _taken(request: HttpRequest, place: Place) -> HttpResponseBase:
    wish, form, now = asked(request), files.asked_for(request.GET), clock.now()
    found: list[Line] = service.lines(place.stores, place.by, wish.span, at=now)
    exports.take(
        noun="guides.task", filters=["span", place.by], rows=len(found), at=now, by=cast("User", request.user),
        most=exports.FILE_MOST_ROWS,
    )  # fmt: skip
    columns = _columns()
    file = TemporaryFile(dir=storage.folder(storage.EXPORTS))  # noqa: SIM115 - closed with the answer
    writer = files.XlsxWriter(file, columns, now) if form == files.XLSX else files.CsvWriter(file)
    writer.row([column.header for column in columns])
    for line in found:
        writer.row([column.cell(line) for column in columns])
    writer.close()
    file.seek(0)
    return FileResponse(file, headers=files.headers(form, f"guides-{wish.span.first}-{wish.span.last}"))
