"""Names of what rows come from: a source is written by the floor that made it (`campaigns.plan:12`) and named there."""

from collections.abc import Callable, Iterable, Mapping

Name = Callable[[list[str]], Mapping[str, str]]

_NAMED: dict[str, Name] = {}


def named(prefix: str) -> Callable[[Name], Name]:
    """Enter what names the sources that begin so: a function of many of them."""

    def enter(name: Name) -> Name:
        _NAMED[prefix] = name
        return name

    return enter


def names(sources: Iterable[str]) -> dict[str, str]:
    """Name sources, each floor asked once; what nobody names stands as it is written."""
    known = {source: source for source in sources}
    for prefix, name in _NAMED.items():
        if mine := [source for source in known if source.startswith(prefix)]:
            known.update(name(mine))
    return known
