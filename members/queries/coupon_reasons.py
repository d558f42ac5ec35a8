"""Why a coupon does not count here and now, in words for who stands at the till."""

from django.utils.translation import gettext_noop

from newretail.kernel.verbs import Refused


class UnknownCoupon(Refused):
    """There is no such coupon, or it is not this brand's: nobody learns which."""

    code = "unknown_coupon"
    sentence = gettext_noop("There is no such coupon. Check the code.")


class NotUsable(Refused):
    """The coupon does not count here and now."""


class NotYet(NotUsable):
    """Its time has not come."""

    code = "coupon_not_yet"
    sentence = gettext_noop("This coupon counts from %(first)s on.")


class Expired(NotUsable):
    """Its time is over."""

    code = "coupon_expired"
    sentence = gettext_noop("This coupon expired on %(last)s.")


class Voided(NotUsable):
    """It was made void."""

    code = "coupon_void"
    sentence = gettext_noop("This coupon was made void.")


class PlanStopped(NotUsable):
    """Its plan is not active."""

    code = "coupon_plan_stopped"
    sentence = gettext_noop("Coupons of this plan are not redeemed at present.")


class AlreadyRedeemed(NotUsable):
    """It was redeemed before."""

    code = "coupon_redeemed"
    sentence = gettext_noop("This coupon was redeemed already: %(when)s, %(where)s.")


class HeldElsewhere(NotUsable):
    """Another purchase holds it."""

    code = "coupon_locked"
    sentence = gettext_noop("Another purchase holds this coupon until %(until)s.")


class WrongStore(NotUsable):
    """It does not count in this store."""

    code = "coupon_wrong_store"
    sentence = gettext_noop("This coupon does not count in this store.")


class WrongChannel(NotUsable):
    """It does not count by this channel."""

    code = "coupon_wrong_channel"
    sentence = gettext_noop("This coupon does not count by this channel.")


class LinesNeeded(NotUsable):
    """Without lines nobody knows whether it counts."""

    code = "coupon_lines_needed"
    sentence = gettext_noop("This coupon counts for certain products: the purchase must come with its lines.")


class NoneOfThese(NotUsable):
    """Nothing of the purchase is what it counts for."""

    code = "coupon_wrong_products"
    sentence = gettext_noop("Nothing in this purchase is what the coupon counts for.")


class BelowThreshold(NotUsable):
    """The purchase is too small."""

    code = "coupon_below_threshold"
    sentence = gettext_noop("This coupon needs a purchase of %(needs)s; %(has)s counts.")


class OthersMember(NotUsable):
    """It is another member's."""

    code = "coupon_other_member"
    sentence = gettext_noop("This coupon is another member's.")


class NotTogether(NotUsable):
    """It does not go with a coupon used in the same purchase."""

    code = "coupon_not_together"
    sentence = gettext_noop("This coupon does not go with another one in the same purchase.")


class NothingLeft(NotUsable):
    """Nothing of the purchase is left to be taken off."""

    code = "coupon_nothing_left"
    sentence = gettext_noop("Nothing of this purchase is left to be taken off.")


class UsedBefore(NotUsable):
    """This purchase has used it and given it back."""

    code = "coupon_rolled_back"
    sentence = gettext_noop("This purchase gave the coupon back; use it again under another purchase number.")


class DiscountDiffers(NotUsable):
    """The till took off another amount."""

    code = "coupon_discount_differs"
    sentence = gettext_noop("This coupon gives %(gives)s here, not %(told)s.")
