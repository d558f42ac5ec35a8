"""The page for integrators tells every event and every kind that is taken, and its commands sign as we do."""

import base64
import re
import subprocess

import pytest
from django.utils import translation
from standardwebhooks import Webhook

from newretail.kernel.registry import TABLES
from newretail.kernel.webhooks import signatures
from tests import world
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs/integrators/webhooks.md").read_text(encoding="utf-8")
BODY = '{"type": "order.paid", "data": {}}'


def test_the_page_tells_every_event_in_both_languages():
    told = {row[0]: row[1:] for row in re.findall(r"^\| `([\w.]+)` \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)}
    said = {news.event: news.says for each in TABLES.news.values() for news in each}
    with translation.override("zh-hans"):
        known = {event: (says, translation.gettext(says)) for event, says in said.items()}
    assert {event: words for event, words in told.items() if event != "ping"} == known


def test_the_page_tells_every_kind_that_is_taken():
    told = re.search(r"Taken as: (.*?)\. ", PAGE)
    assert set(re.findall(r"`(\w+)`", told[1])) == set(TABLES.takers)


def commands(*words):
    """The lines of the page's shell examples that hold all of these words."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if all(word in line for word in words)]


@pytest.fixture
def shell(tmp_path):
    secret = signatures.new_secret()
    given = {
        "ID": "m1",
        "TIMESTAMP": str(int(world.NOW.timestamp())),
        "BODY": BODY,
        "SECRET": secret,
        "PATH": "/usr/bin:/bin",
    }

    def run(*lines):
        done = subprocess.run(
            ["sh", "-c", "\n".join(lines)], cwd=tmp_path, env=given, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    run.secret = secret
    return run


def test_the_commands_of_the_page_sign_as_the_specification_has_it(shell):
    key, sign = commands("od -An"), commands("printf", "-binary | base64")[0]
    said = shell(*key, sign)
    assert f"v1,{said}" == Webhook(shell.secret).sign("m1", world.NOW, BODY)
    assert len(base64.b64decode(said)) == 32


def test_the_plain_command_of_the_page_is_known(shell):
    said = shell(*commands("-hmac")).rpartition(" ")[2]
    given = dict(zip(signatures.PLAIN, ("m1", str(int(world.NOW.timestamp())), said), strict=True))
    assert signatures.known([shell.secret], given, BODY.encode(), world.NOW) == "m1"
