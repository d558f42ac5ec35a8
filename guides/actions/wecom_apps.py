"""Keep the WeCom app by which guides sign in, or switch it off."""

import re
from datetime import datetime

from django.utils.translation import gettext_noop

from guides.models import WecomApp
from newretail.kernel import sealing
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

SEALED = "wecom"
CORP, AGENT = re.compile(r"[A-Za-z0-9_-]{4,64}", re.ASCII), re.compile(r"[0-9]{1,20}", re.ASCII)
SECRET = re.compile(r"[\x21-\x7e]{16,128}", re.ASCII)


class BadApp(Refused):
    """What was given names no app."""

    code = "bad_wecom_app"
    sentence = gettext_noop("Give the corp ID, the agent ID and the secret of the app as WeCom's console shows them.")


@verb
def keep(*, corp_id: str, agent_id: str, secret: str, at: datetime, by: User | None = None) -> WecomApp:
    """Keep the app by which guides sign in from now on; the secret is sealed with the site's key.

    Refuses: BadApp.
    Writes: guides.wecom_app.kept.
    """
    if not (CORP.fullmatch(corp_id) and AGENT.fullmatch(agent_id) and SECRET.fullmatch(secret)):
        raise BadApp
    line = journal.write("guides.wecom_app.kept", at=at, by=by, agent_id=agent_id)
    return WecomApp.objects.create(
        corp_id=corp_id, agent_id=agent_id, secret=sealing.seal(SEALED, secret), kept_at=at, by=by, entry_id=line.pk
    )


@verb
def switch_off(*, at: datetime, by: User | None = None) -> None:
    """Let nobody sign in by WeCom any more.

    Writes: guides.wecom_app.switched_off.
    """
    line = journal.write("guides.wecom_app.switched_off", at=at, by=by)
    WecomApp.objects.create(kept_at=at, by=by, entry_id=line.pk)


def at_work() -> WecomApp | None:
    """Give the app at work, None where there is none."""
    found = WecomApp.objects.order_by("-pk").first()
    return found if found and found.corp_id else None
