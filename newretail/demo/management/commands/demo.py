"""manage.py demo: the demo brand, from nothing to a site with a real year in it."""

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError

from newretail.demo import (
    aims,
    browsing,
    contents,
    contests,
    coupons,
    gifts,
    issuing,
    load,
    logins,
    moments,
    moving,
    notices,
    opinions,
    partners,
    pay,
    plans,
    proofs,
    recruiting,
    rewards,
    rosters,
    segments,
    serving,
    standing,
    talk,
    wishes,
)
from newretail.kernel import clock
from newretail.platform import actions
from newretail.platform.home import CHECKOUT, state_home
from newretail.platform.ports import require_free
from newretail.platform.stack import Stack

NAME = "演示连锁"
NOTICE = (
    "演示品牌：真实零售数据（The Complete Journey，日期整周平移），人名店名为虚构；{day} 之前为演示推演"
    " / Demo brand: real retail data, dates shifted by whole weeks, names fictional; derived before {day}"
)
DOMAINS = ("localhost", "127.0.0.1")
HOST = "127.0.0.1"


class Command(BaseCommand):
    """Start everything, fill the demo brand once, and serve it until Ctrl-C."""

    help = "Serve the demo brand; the first run loads its data. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how far to go."""
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")
        parser.add_argument("--no-serve", action="store_true", help="load, print counts, end")
        parser.add_argument("--logins", action="store_true", help="print the logins as JSON, end")
        parser.add_argument("--tick", action="store_true", help="add the days since the last order")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what is missing, then serve, or print the counts."""
        home = state_home()
        if options["logins"]:
            self._print_logins(home)
            return
        self._began = time.monotonic()
        with Stack(home, cast(TextIO, self.stdout)) as stack:
            if not options["no_serve"]:
                require_free(options["port"], host=HOST, use="web")
            stack.data()
            stack.migrate()
            counts = self._fill(home, tick=options["tick"])
            if not options["no_serve"]:
                stack.serve(HOST, options["port"])
                self._welcome(home, options["port"])
                stack.wait()
        if options["no_serve"]:
            self.stdout.write(json.dumps(counts, ensure_ascii=False))

    def _fill(self, home: Path, *, tick: bool) -> dict[str, object]:
        """Create the brand, import, score, and let people in; what is there already is kept."""
        brand = load.brand()
        if brand is None:
            self._create_brand()
            brand = load.brand()
        if brand is None:
            raise CommandError(f"没有建成品牌 / the brand was not created: {load.BRAND}")
        with brand:
            changed = load.data(home / "demo", self._say)
            if tick or changed:
                added = load.tick(home / "demo", until=load.today(), so_far=load.hour(), say=self._say)
                self._say("tick", f"{added:,} orders added, up to this hour")
                changed = changed or added > 0
            rewards.rules(at=clock.now())
            load.jobs(self._say, again=changed)
            actions.describe(brand=brand, notice=NOTICE.format(day=load.first_real_day()))
            logins.prepare(home, at=clock.now())
            self._tell("points", "{:,} members spent points", rewards.spending(at=clock.now()))
            self._tell("targets", "{:,} plans of a year", aims.plan(today=load.today(), at=clock.now()))
            self._tell("coupons", "{:,} issued", coupons.give(today=load.today()))
            self._tell("gifts", "{:,} ordered for points", gifts.offer(today=load.today()))
            self._tell("levels", "{:,} members stand on four levels", standing.rise(today=load.today(), at=clock.now()))
            self._tell("tags", "{:,} members tagged by rules", standing.sort_out(today=load.today(), at=clock.now()))
            self._tell("twins", "{:,} pairs who may be one person", standing.meet_twice(at=clock.now()))
            self._live()
            return load.summary()

    def _live(self) -> None:
        """Let people and other systems do what a chain does beside its trade."""
        self._tell("reviews", "{:,} comments and answers", talk.review(today=load.today()))
        self._tell("mall", "{:,} messages received", partners.connect(at=clock.now()))
        self._tell("lists", "{:,} members tagged or issued coupons at once", issuing.lists(at=clock.now()))
        self._tell("till", "{:,} orders paid with a coupon and points", issuing.pay(at=clock.now()))
        self._tell("events", "{:,} pages seen and goods put aside", browsing.browse(at=clock.now()))
        self._tell("consents", "{:,} statements of members, and touches", wishes.speak(at=clock.now()))
        self._tell("guides", "{:,} tasks of guides for their customers", serving.serve(at=clock.now()))
        self._tell("shifts", "{:,} days of those who serve planned", rosters.plan(at=clock.now()))
        self._tell("handover", "{:,} customers of a guide who moved", moving.move(at=clock.now()))
        self._tell("leave", "{:,} tasks of a guide on leave are covered for", rosters.leave(at=clock.now()))
        self._tell("visits", "{:,} appointments of customers", rosters.expect(at=clock.now()))
        self._tell("photos", "{:,} photos of displays handed in", proofs.show(at=clock.now()))
        self._tell("recruiting", "{:,} coupons handed out by guides", recruiting.win(at=clock.now()))
        self._tell("notices", "{:,} notices told to those who serve, one by one", notices.tell(at=clock.now()))
        self._tell("contents", "{:,} materials shared by guides", contents.fill(at=clock.now()))
        self._tell("contests", "{:,} guides ranked in contests", contests.hold(at=clock.now()))
        self._tell("moments", "{:,} posts in Moments by guides", moments.post(at=clock.now()))
        self._tell("pay", "{:,} entries of commission of a year", pay.settle(today=load.today(), at=clock.now()))
        self._tell("segments", "{:,} members stand in segments", segments.describe(today=load.today(), at=clock.now()))
        self._tell("plans", "{:,} touches planned", plans.plan(today=load.today(), at=clock.now()))
        self._tell("surveys", "{:,} surveys answered by customers", opinions.listen(at=clock.now()))

    def _create_brand(self) -> None:
        """Create the brand as the owner role, which this process does not have."""
        self._say("brand", f"creating {load.BRAND} at {', '.join(DOMAINS)}")
        command = [sys.executable, "manage.py", "create_brand", load.BRAND, "--name", NAME]
        for domain in DOMAINS:
            command += ["--domain", domain]
        made = subprocess.run(  # noqa: S603
            command, cwd=CHECKOUT, env={**os.environ, "DB_ROLE": "owner"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise CommandError(made.stderr.strip() or made.stdout.strip())

    def _print_logins(self, home: Path) -> None:
        line = logins.kept(home)
        if not line:
            raise CommandError("还没有演示品牌，请先运行 make demo / no demo yet: run `make demo` first")
        self.stdout.write(line)

    def _welcome(self, home: Path, port: int) -> None:
        """Print where to go and who may sign in."""
        self.stdout.write(f"{NAME} / demo brand  http://localhost:{port}/")
        people = json.loads(logins.kept(home))
        for role in logins.ROLES:
            way = people[role]
            self.stdout.write(f"  {role:<11} {way['username']:<11} {way['password']}")

    def _tell(self, name: str, text: str, count: int) -> None:
        """Say how many there were, unless all was there already."""
        if count:
            self._say(name, text.format(count))

    def _say(self, name: str, text: str) -> None:
        self.stdout.write(f"{time.monotonic() - self._began:6.1f}s {name:<8} | {text}")
        self.stdout.flush()
