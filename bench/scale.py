"""How large a run is: what is loaded, how much is measured, whether anything is judged."""

from dataclasses import dataclass

YEARS = 2
DAYS = 365 * YEARS


@dataclass(frozen=True)
class Scale:
    """One size of run; `households` 0 takes all of the source, each standing `replicas` times."""

    name: str
    replicas: int
    households: int
    small_households: int
    import_rows: int
    bulk_rows: int
    foreign_rows: int
    memory_rows: tuple[int, int]
    rounds: int
    visits: int
    judged: bool = True


SCALES = {
    scale.name: scale
    for scale in (
        Scale("full", 405, 0, 2469, 200_000, 50_000, 20_000, (200_000, 800_000), 3, 15),
        Scale("medium", 40, 0, 2469, 200_000, 50_000, 20_000, (200_000, 800_000), 3, 15),
        Scale("small", 4, 600, 300, 10_000, 5_000, 1_000, (5_000, 20_000), 1, 3, judged=False),
        Scale("tiny", 1, 60, 30, 500, 200, 100, (500, 1_000), 1, 1, judged=False),
    )
}
