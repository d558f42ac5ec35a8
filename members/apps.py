"""The members floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    """A member's life: who they are, what they bought, how they stand."""

    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """Tell whether the brand trades: what past days rest on is fixed from then on."""
        from members.queries.finding import is_trading
        from newretail.kernel import brand

        brand.answer_whether_trading(is_trading)
