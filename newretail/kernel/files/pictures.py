"""Pictures that people hand in: judged by their content in a child process, turned into small JPEGs."""

import os
import subprocess
import sys

from django.utils.translation import gettext_noop

from newretail.kernel.files.reader import CHECKOUT
from newretail.kernel.verbs import Refused

MOST_BYTES = 8 << 20
LONGEST = 30  # seconds the child may take, on a busy machine too


class BadPicture(Refused):
    """No picture, or none that can be looked at safely."""

    code = "bad_picture"
    sentence = gettext_noop("Hand in a picture as JPEG, PNG or WebP, of at most 8 MB and 40 million pixels.")


def made_small(data: bytes) -> bytes:
    """Make a picture small and plain: a JPEG without what the camera noted.

    Refuses: BadPicture.
    """
    return _looked_into("small", data)


def kind_of(data: bytes) -> str:
    """Tell what a picture is (jpeg, png, webp) by what it holds.

    Refuses: BadPicture.
    """
    return _looked_into("kind", data).decode()


def _looked_into(asked: str, data: bytes) -> bytes:
    if not data or len(data) > MOST_BYTES:
        raise BadPicture
    command = [sys.executable, "-m", "newretail.kernel.files.shrinking", asked]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"}
    try:
        child = subprocess.run(  # noqa: S603 - our own module
            command, input=data, capture_output=True, env=environment, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise BadPicture from None
    if child.returncode or not child.stdout:
        raise BadPicture
    return child.stdout
