"""WeCom's OAuth for a self-built app: where a guide is sent, and who comes back with a code.

https://developer.work.weixin.qq.com/document/path/91022 (the address) and /91023 (who came).
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from guides.actions.wecom_apps import SEALED
from guides.models import WecomApp
from newretail.kernel import sealing
from newretail.kernel.webhooks.calls import WIRE, NoAnswer, Wire

AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
API = "https://qyapi.weixin.qq.com/cgi-bin/"
MOST_BYTES = 20_000
LONGEST_CODE = 512


class NobodyCame(Exception):
    """WeCom names nobody: the code is used or forged, WeCom is not reached, or it is no member of the corp."""


@dataclass(frozen=True)
class Line:
    """The line to WeCom; a test gives it another wire."""

    wire: Wire = WIRE

    def address(self, app: WecomApp, back: str, state: str) -> str:
        """Give where a guide's browser is sent; WeCom sends it back to `back` with a code and the state."""
        given = {"appid": app.corp_id, "redirect_uri": back, "response_type": "code", "scope": "snsapi_base",
                 "state": state, "agentid": app.agent_id}  # fmt: skip
        return f"{AUTHORIZE}?{urlencode(given)}#wechat_redirect"

    def who(self, app: WecomApp, code: str) -> str:
        """Ask who came with a code; gives the corp's userid.

        Raises NobodyCame.
        """
        if not code or len(code) > LONGEST_CODE or not code.isascii():
            raise NobodyCame("code")
        secret = sealing.unseal(SEALED, app.secret)
        token = self._ask("gettoken", corpid=app.corp_id, corpsecret=secret).get("access_token")
        told = self._ask("auth/getuserinfo", access_token=token, code=code)
        userid = told.get("userid") or told.get("UserId")
        if not isinstance(userid, str) or not userid or "\0" in userid:
            raise NobodyCame("no member")
        return userid

    def _ask(self, path: str, **given: Any) -> dict[str, Any]:
        try:
            told = json.loads(self.wire.get(f"{API}{path}?{urlencode(given)}", MOST_BYTES))
        except (NoAnswer, ValueError, RecursionError) as error:
            raise NobodyCame(type(error).__name__) from None
        if not isinstance(told, dict) or told.get("errcode", 0) != 0:
            raise NobodyCame("refused")
        return told


LINE = Line()
