"""A worker at the wire: claims what is due, calls several endpoints at once, records; no call is in a transaction."""

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from newretail.kernel import clock
from newretail.kernel.actions import deliveries
from newretail.kernel.actions.deliveries import Call
from newretail.kernel.failpoint import failpoint
from newretail.kernel.webhooks import signatures
from newretail.kernel.webhooks.calls import WIRE, Outcome, Wire

CALLS_AT_ONCE = 8
BUSY_SECONDS = 60.0  # after so long a worker takes up no more; the next message wakes another


def _send(wire: Wire, call: Call) -> Outcome:
    """Sign and send; run by a thread that knows no database."""
    return wire.post(call.url, signatures.headers(call.secrets, call.ref, clock.now(), call.body), call.body)


def deliver(wire: Wire = WIRE, seconds: float = BUSY_SECONDS) -> int:
    """Send what is due until nothing is, or the time is up; return how many calls were made."""
    until, made = time.monotonic() + seconds, 0
    under_way: dict[Future[Outcome], Call] = {}
    with ThreadPoolExecutor(CALLS_AT_ONCE, "webhook") as pool:
        while True:
            room = CALLS_AT_ONCE - len(under_way) if time.monotonic() < until else 0
            for call in deliveries.claim(at=clock.now(), most=room) if room else ():
                under_way[pool.submit(_send, wire, call)] = call
            if not under_way:
                return made
            for ended in wait(under_way, return_when=FIRST_COMPLETED).done:
                failpoint("webhook.called")
                deliveries.record(call=under_way.pop(ended), outcome=ended.result(), at=clock.now())
                made += 1
