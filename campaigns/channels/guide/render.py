"""The task of a guide: what it is called, the words she is to say."""

from campaigns.channels.letters import Letter
from campaigns.queries import wordings
from guides.actions.plan_tasks import Asked
from guides.actions.tasks import Wording
from guides.models import Brief

LONGEST_TITLE = 24


def asked(letter: Letter) -> Asked:
    """Write what a guide is asked to say; her member's name is filled in when the card is shown."""
    facts = {name: value for name, value in letter.facts.items() if name != "name"}
    title = wordings.PLACE.sub("", letter.title_template or letter.template).strip("，,。 \n")[:LONGEST_TITLE]
    wording = Wording(title=title or "…", reason=Brief.Reason.CAMPAIGN, purpose=letter.purpose, words=letter.template)
    return Asked(letter.ref, letter.member_no, int(letter.to), wording, facts)
