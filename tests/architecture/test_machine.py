"""The tree runs anywhere: no path of one machine, no package host, stands in a file."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import NOT_OURS, ROOT

PATHS = re.compile(r"(?<![\w.\-/])/(?:home|Users|root|work)/\w+")
# An address where packages are fetched from, whoever runs it.
HOSTS = re.compile(r"https?://[^\s\"'<>)]*(?:/simple\b|registry|/packages/|pypi)|\"resolved\":\s*\"http", re.IGNORECASE)
TEXT = {
    ".py", ".md", ".toml", ".json", ".lock", ".html", ".js", ".css", ".svg", ".yml", ".yaml", ".cfg", ".ini", ".txt",
    ".csv", ".po", ".sh", "",
}  # fmt: skip
CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"}


def kept() -> Iterator[Path]:
    """Every text file of the checkout that is no cache, environment or state."""
    for path in ROOT.rglob("*"):
        parts = set(path.relative_to(ROOT).parts)
        if not parts & (NOT_OURS | CACHES) and path.suffix in TEXT and path.is_file() and path != Path(__file__):
            yield path


def test_no_file_names_a_place_of_one_machine():
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1} {match[0]}"
        for path in kept()
        for text in [path.read_text(encoding="utf-8", errors="replace")]
        for match in (*PATHS.finditer(text), *HOSTS.finditer(text))
    ]
    told = "use a path below the checkout or NEWRETAIL_HOME, and locks without addresses:\n"
    assert not found, told + "\n".join(found)


def test_a_place_is_seen():
    assert PATHS.search("open('/home/ann/x')")
    assert HOSTS.search("see https:" + "//packages.example.org/simple/django")
    assert HOSTS.search('"resolved": "' + 'http://example.org/echarts.tgz"')
    assert not PATHS.search("https://example.org/home/page and var/home/x")
