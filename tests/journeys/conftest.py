"""A real browser before a real server; where no browser is installed journeys are skipped, in CI they must run."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection

from newretail.kernel.actions import jobs
from newretail.kernel.guard import IN_VERB
from tests import sights, world

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 15_000
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
at_desk = pytest.mark.parametrize("page", [SIZES["desk"]], ids=["desk"], indirect=True)


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
    """Tell an error of a script from a refusal or a lost connection: the page says these in words."""
    refused = any(f"status of {code}" in told.text for code in (400, 409, 422, 429)) or "DISCONNECTED" in told.text
    return bool(told.type == "error" and not refused)


@pytest.fixture(params=SIZES.values(), ids=SIZES)
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


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def aside(brand: Any) -> Callable[[Callable[[], Any]], Any]:
    """Do something beside the browser, in a thread of its own, and wait for it."""

    def run(act: Callable[[], Any]) -> Any:
        told: list[Any] = []

        def inside() -> None:
            connection.set_tenant(brand)
            told.append(act())
            connection.close()

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        return told[0]

    return run


@pytest.fixture
def work(aside: Any) -> Callable[[], Any]:
    """Let a worker perform what was queued."""

    def all_of_it() -> None:
        while jobs.perform_next(jobs.QUEUED):
            pass

    return lambda: aside(all_of_it)


@pytest.fixture
def leave(aside: Any) -> Callable[..., Any]:
    """Leave rows as they would be found: `leave(rows, field=value)`, behind the house's back."""

    def change(rows: Any, **fields: Any) -> int:
        token = IN_VERB.set("tests")
        try:
            return int(rows.update(**fields))
        finally:
            IN_VERB.reset(token)

    return lambda rows, **fields: aside(lambda: change(rows, **fields))
