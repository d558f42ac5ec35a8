"""A file handed in, matched, tried and let in by a browser, beside the same import by the command."""

from pathlib import Path

from django.test import Client
from django.urls import reverse

from bench.figures import Figure, at_most, holds
from bench.filling import HQ
from bench.ground import BIG, HOSTS, Ground, brand
from bench.meter import Meter, Took, middle
from bench.taking_in import Files
from newretail.kernel import clock, sql
from newretail.kernel.actions import jobs, relay
from newretail.kernel.files import importing
from newretail.kernel.files.sheets import guess
from newretail.kernel.models import ImportFile, Upload, User

TABLES = ("members_order", "members_member")


class Desk:
    """An HQ user at her desk, signed in; the worker's steps are done where she waits for them."""

    def __init__(self) -> None:
        self.client = Client(headers={"host": HOSTS[BIG]})
        user = User.objects.get(username=HQ)
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def _post(self, where: str, *args: int, **given: object) -> None:
        answer = self.client.post(reverse(f"imports:{where}", args=args), given)
        assert answer.status_code == 302, (where, answer.status_code)

    def hand_in(self, path: Path) -> Upload:
        """Hand a file of orders in."""
        with path.open("rb") as file:
            self._post("new", kind="orders", source="pos", file=file)
        return Upload.objects.latest("pk")

    def try_it(self, upload: Upload) -> None:
        """Match the columns as they are guessed and have the file tried."""
        found = guess(upload.header, importing.IMPORTERS["orders"].sheet)
        columns = {f"column_{n}": column.name if column else "" for n, column in enumerate(found)}
        self._post("columns", upload.pk, **columns)
        jobs.perform_next(jobs.QUEUED)

    def let_in(self, upload: Upload) -> ImportFile:
        """Confirm the file and take it in."""
        self._post("confirm", upload.pk)
        jobs.perform_next(jobs.QUEUED)
        return ImportFile.objects.get(upload=upload)


def _sum(*parts: Took) -> Took:
    servers = [part.server for part in parts if part.server is not None]
    return Took(sum(p.wall for p in parts), sum(p.here for p in parts), sum(servers) if servers else None)


def _beside(item: str, ours: list[Took], words: str, other: list[Took]) -> Figure:
    mine, theirs = middle(ours), middle(other)
    figure = Figure(item, mine.words, f"{words} {theirs.words}", mine.wall / theirs.wall)
    figure.cpu_ratio = mine.cpu / theirs.cpu if theirs.cpu else None
    figure.detail = {"ours": [vars(took) for took in ours], "reference": [vars(took) for took in other]}
    return figure


def measure(ground: Ground) -> list[Figure]:
    """Take files of one size in by the command and by the browser, in turns."""
    meter, files, rows = Meter(), Files(ground, "B"), ground.scale.import_rows
    by_command: list[Took] = []
    by_browser: list[Took] = []
    tried: list[Took] = []
    dry: list[Took] = []
    equal = True
    with brand(BIG):
        desk = Desk()
        for number in range(ground.scale.rounds):
            ground.say(f"imports by command and browser, round {number + 1}")
            sql.vacuum(*TABLES)
            one, other = files.write(rows), files.write(rows)
            dry.append(meter.take(lambda path=one: importing.try_file("orders", path, at=clock.now()))[1])
            told, took = meter.take(lambda path=one: importing.take_file("orders", path, at=clock.now()))
            by_command.append(took)
            upload, handed = meter.take(lambda path=other: desk.hand_in(path))
            tried.append(meter.take(lambda upload=upload: desk.try_it(upload))[1])
            row, let = meter.take(lambda upload=upload: desk.let_in(upload))
            by_browser.append(_sum(handed, let))
            equal = equal and (row.created, row.rejected) == (told.created, told.rejected)
        relay.drain(at=clock.now())
    return [
        at_most(_beside("import by the browser", by_browser, "command", by_command), 1.15),
        _beside("trial by the browser", tried, "command's dry run", dry),
        holds("import by the browser: as many rows", "equal" if equal else "differs", "always", ok=equal),
    ]
