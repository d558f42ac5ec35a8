"""A real browser before a real server; where no browser is installed journeys are skipped, in CI they must run."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests import sights, world

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 15_000


@pytest.fixture
def house(live_server: Any, brand: Any) -> Iterator[str]:
    """The small trade of `sights`, its night done, served; gives the address of acme."""
    with time_machine.travel(world.NOW, tick=True):
        sights.trade()
        sights.night()
        for role in ("hq", "manager", "supervisor"):
            sights.person(role)
        yield f"http://localhost:{live_server.thread.port}"


def is_trouble(told: Any) -> bool:
    """Tell an error of a script from a refusal, which the browser writes down too: the page says it in words."""
    refused = any(f"status of {code}" in told.text for code in (409, 422))
    return bool(told.type == "error" and not refused)


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, house: str) -> Iterator[Any]:
    """A page of a Chinese browser, at desk and at phone width; it has met no error of a script when it closes."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        size = {"width": request.param[0], "height": request.param[1]}
        context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=house)
        context.set_default_timeout(PATIENCE)
        found = context.new_page()
        troubles: list[str] = []
        found.on("pageerror", lambda error: troubles.append(str(error)))
        found.on("console", lambda told: troubles.append(told.text) if is_trouble(told) else None)
        yield found
        assert troubles == []
        browser.close()
