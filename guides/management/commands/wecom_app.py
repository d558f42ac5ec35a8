"""manage.py wecom_app --brand CODE --corp-id … --agent-id …: the app by which guides sign in, its secret by stdin."""

import sys
from argparse import ArgumentParser
from typing import Any

from guides.actions import wecom_apps
from newretail.kernel import clock
from newretail.kernel.inbrand import BrandCommand


class Command(BrandCommand):
    """Keep the WeCom app of a brand, or switch it off. The last line is JSON."""

    help = "Let guides sign in by WeCom; the app's secret is read from standard input. --off ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the app's numbers."""
        super().add_arguments(parser)
        parser.add_argument("--corp-id", default="")
        parser.add_argument("--agent-id", default="")
        parser.add_argument("--off", action="store_true", help="let nobody sign in by WeCom any more")

    def work(self, *, corp_id: str, agent_id: str, off: bool, **_: Any) -> None:
        """Keep it, or switch it off."""
        if off:
            wecom_apps.switch_off(at=clock.now())
        else:
            secret = sys.stdin.readline().strip()
            wecom_apps.keep(corp_id=corp_id, agent_id=agent_id, secret=secret, at=clock.now())
        app = wecom_apps.at_work()
        self.answer(on=app is not None, corp_id=app.corp_id if app else "", agent_id=app.agent_id if app else "")
