"""Compile every translation (.po) that is newer than its compiled form (.mo); needs no gettext."""

import sys
from pathlib import Path

import polib

CHECKOUT = Path(__file__).resolve().parent.parent


def compile_all(locale: Path, *, force: bool = False) -> list[Path]:
    """Compile the catalogues below `locale` and name those that were written.

    A catalogue is compiled where its .mo is missing or older, or always with `force`.
    """
    written = []
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        fresh = compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime
        if force or not fresh:
            draft = compiled.with_suffix(".mo.new")
            polib.pofile(str(source)).save_as_mofile(str(draft))
            draft.replace(compiled)
            written.append(compiled)
    return written


def main(arguments: list[str]) -> int:
    """Compile and name what was written; a catalogue that cannot be read is told in a sentence."""
    try:
        written = compile_all(CHECKOUT / "locale", force="--force" in arguments)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"翻译文件无法编译 / a translation cannot be compiled: {error}\n")
        return 1
    for path in written:
        sys.stdout.write(f"    {path.relative_to(CHECKOUT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
