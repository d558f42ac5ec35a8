"""The child process that looks into a picture: bounded memory and time; what comes out is a plain JPEG."""

import resource
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

KINDS = ("JPEG", "PNG", "WEBP")  # told by the content, whatever the name says
MOST_PIXELS = 40_000_000
MOST_SIDE = 1600
QUALITY = 82
MEMORY, SECONDS = 512 << 20, 10


def limit() -> None:
    """Bound this process, so that no picture can eat the machine."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmSize"))
        most = (int(line.split()[1]) << 10) + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def jpeg(picture: Image.Image) -> bytes:
    """Write a picture as a JPEG, for the web."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def kind(data: bytes) -> bytes:
    """Name the kind of a whole picture, in lower case.

    Refuses: ValueError, and what Pillow raises of broken files.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(BytesIO(data), formats=KINDS) as found:
        if found.width * found.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        found.verify()
    return str(found.format).lower().encode()


def small(data: bytes) -> bytes:
    """Turn a picture upright, lay it on white, make it small; nothing of what the camera noted stays.

    Refuses: ValueError, and what Pillow raises of broken files.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(BytesIO(data), formats=KINDS) as found:
        if found.width * found.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        found.draft("RGB", (MOST_SIDE * 2, MOST_SIDE * 2))
        upright = ImageOps.exif_transpose(found)
        upright.thumbnail((MOST_SIDE, MOST_SIDE))
        whole = upright.convert("RGBA")
    white = Image.new("RGB", whole.size, "white")
    white.paste(whole, mask=whole.getchannel("A"))
    return jpeg(white)


ASKED = {"kind": kind, "small": small}

if __name__ == "__main__":
    given = sys.stdin.buffer.read()
    limit()
    sys.stdout.buffer.write(ASKED[sys.argv[1]](given))
