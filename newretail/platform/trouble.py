"""What goes wrong below the site, said to the person at the terminal in Chinese and English."""

import errno
import shutil
from pathlib import Path

MEGABYTE = 1024 * 1024
LEAST_FREE = 300 * MEGABYTE  # an empty cluster takes 40 MB, its write-ahead log soon 200 MB
TAIL_LINES = 12


class PlatformError(Exception):
    """A sentence that says what is wrong and what to do, without a traceback."""

    def __init__(self, chinese: str, english: str, detail: str = "") -> None:
        super().__init__(f"{chinese} / {english}" + (f"\n{detail}" if detail else ""))


class PortTaken(PlatformError):
    """Somebody else listens on the port that was asked for."""

    def __init__(self, port: int, *, use: str) -> None:
        super().__init__(
            f"端口被占用：{port}（{use}）。请停止占用它的程序，或换一个端口",
            f"port {port} ({use}) is taken: stop the program that uses it, or choose another port",
        )


class DiskFull(PlatformError):
    """The disk that holds the state folder has no room."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"磁盘空间不足：{folder} 所在磁盘至少要留 {LEAST_FREE // MEGABYTE} MB",
            f"the disk is full: {folder} needs at least {LEAST_FREE // MEGABYTE} MB free",
        )


class InUse(PlatformError):
    """Another process works with the same state folder."""

    def __init__(self, folder: Path, *, who: str) -> None:
        super().__init__(
            f"{folder} 正在被使用（{who}）。请先停止它，或用 NEWRETAIL_HOME 另选目录",
            f"{folder} is already in use ({who}): stop that first, or set NEWRETAIL_HOME to another folder",
        )


def require_room(folder: Path) -> None:
    """Stop early when the disk is nearly full; a server that meets it later dies less politely.

    Refuses: DiskFull.
    """
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise DiskFull(folder)


def from_os(error: OSError, folder: Path) -> PlatformError:
    """Turn an operating system's refusal to write into a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(folder)
    return PlatformError(
        f"无法写入 {error.filename or folder}。请检查权限，或用 NEWRETAIL_HOME 另选目录",
        f"cannot write to {error.filename or folder}: check its owner and rights,"
        " or set NEWRETAIL_HOME to another folder",
        str(error.strerror),
    )


def tells_full_disk(text: str) -> bool:
    """Say whether a server's own words mean that the disk is full."""
    return "No space left on device" in text or "Check free disk space" in text


def tail(text: str) -> str:
    """Give the last lines of a server's log, indented."""
    return "\n".join("    " + line for line in text.strip().splitlines()[-TAIL_LINES:])


def from_log(text: str, *, server: str, folder: Path, port: int) -> PlatformError:
    """Read why a server did not start out of what it wrote."""
    if tells_full_disk(text):
        return DiskFull(folder)
    if "Address already in use" in text or "could not create any TCP/IP sockets" in text:
        return PortTaken(port, use=server)
    return PlatformError(
        f"{server} 没有启动，它的日志末尾如下",
        f"{server} did not start; its log ends with",
        tail(text),
    )
