"""The radar on a guide's phone: which of her customers show that they may buy, and one tap to a task."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from guides.actions import reminders
from guides.actions.reminders import Wish
from guides.actions.tasks import Wording
from guides.models import Brief
from guides.queries import radar as signs
from guides.queries.portrait import bond_of
from guides.queries.serving import customers_of
from guides.views.pages import once, page, person, posts, told
from members.queries import families
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.verbs import Refused

DUE = timedelta(days=1)


class SignalGone(Refused):
    """The signal is not there any more."""

    code = "signal_gone"
    sentence = gettext_noop("This signal has passed, or is a task already.")


@scoped("own_work")
def radar(request: HttpRequest) -> HttpResponse:
    """Show a guide the signals of her customers, the strongest first."""
    own = list(customers_of(request.user).values_list("pk", flat=True))
    blips = signs.radar(own, at=clock.now())
    return page(request, "g/radar.html", {"tab": "radar", "blips": blips})


@require_POST
@scoped("own_work", "change")
def follow(request: HttpRequest) -> HttpResponse:
    """Make a signal a task of hers."""
    kind = request.POST.get("kind", "")
    member_no = request.POST.get("member", "").replace("\0", "")[:40]
    stands, refused = once(
        request, "radar.follow", f"{kind[:20]}:{member_no}", lambda: _follow(request, member_no, kind, clock.now())
    )
    if request.headers.get("hx-request"):
        return page(request, "g/_followed.html", {"refused": refused})
    return told(request, refused=refused, back=reverse("guide_day" if stands else "guide_radar"))


def _follow(request: HttpRequest, member_no: str, kind: str, at: datetime) -> None:
    member = customers_of(request.user).filter(member_no=member_no).first()
    shown = signs.signals([member.pk], at=at) if member else []
    signal = next((each for _, _, found in shown for each in found if each.kind == kind), None)
    bond = bond_of(families.ids_of(member), posts(request)) if member else None
    if signal is None or bond is None:
        raise SignalGone
    words = signs.KINDS[kind]
    wording = Wording(str(words.title), Brief.Reason.SIGNAL, words.purpose, str(words.why), str(words.words))
    wish = Wish(wording, signal.source, at + DUE, signal.facts)
    reminders.follow(bond=bond, wish=wish, at=at, by=person(request))
