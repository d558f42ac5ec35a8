"""Why a gift is not ordered, or not handed over, here and now; in words for members and for who stands at the till."""

from django.utils.translation import gettext_noop

from newretail.kernel.verbs import Refused


class NotOffered(Refused):
    """It is paused, or its days have not come or are over."""

    code = "gift_not_offered"
    sentence = gettext_noop("This gift cannot be ordered at present.")


class LevelTooLow(Refused):
    """It is for members of a higher level."""

    code = "gift_level"
    sentence = gettext_noop("This gift is for members of the level %(level)s and above.")


class EnoughOfIt(Refused):
    """She has as many as one member may have."""

    code = "gift_limit"
    sentence = gettext_noop("A member may have this gift %(most)s times.")


class NoneLeft(Refused):
    """The store has none that is not reserved."""

    code = "gift_none_left"
    sentence = gettext_noop("None of this gift is left in this store.")


class NamedOtherwise(Refused):
    """The number is another order's."""

    code = "another_gift_order"
    sentence = gettext_noop("This number was used for another gift order before; nothing was changed.")


class UnknownPickup(Refused):
    """There is no such code."""

    code = "unknown_pickup"
    sentence = gettext_noop("There is no gift to be picked up with this code. Check the code.")


class UnknownGiftOrder(Refused):
    """There is no such order."""

    code = "unknown_gift_order"
    sentence = gettext_noop("There is no gift order with this number.")


class HandedAlready(Refused):
    """It was handed over before."""

    code = "gift_handed"
    sentence = gettext_noop("This gift was handed over already: %(when)s, %(where)s.")


class OrderEnded(Refused):
    """It was cancelled, or it lapsed."""

    code = "gift_order_ended"
    sentence = gettext_noop("This gift order ended on %(when)s: %(state)s. The points went back.")


class WaitsElsewhere(Refused):
    """Another store keeps it."""

    code = "gift_elsewhere"
    sentence = gettext_noop("This gift waits in another store: %(where)s.")


class PickupOver(Refused):
    """The time to pick it up is over."""

    code = "gift_pickup_over"
    sentence = gettext_noop("The last day to pick this gift up was %(last)s; the points go back in the coming night.")


class TakenBack(Refused):
    """This handing over was undone."""

    code = "gift_taken_back"
    sentence = gettext_noop("This handing over was undone. Look the code up again to hand the gift over.")


class NotHandedSo(Refused):
    """There is no such handing over."""

    code = "gift_not_handed"
    sentence = gettext_noop("This gift order was not handed over under this number.")


class DayOver(Refused):
    """The day on which it was handed over is over."""

    code = "gift_day_over"
    sentence = gettext_noop("A handing over is undone on its own day only; this one was on %(day)s.")


class NoRoom(Refused):
    """As many lie there as may."""

    code = "gift_no_room"
    sentence = gettext_noop("As many pieces as can be counted lie in this store; take some away first.")
