"""Any cent of commission explained: of which line of an order, by which share and rate, and what became of it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from guides.models import CommissionAccount, CommissionEntry, Credit, CreditDispute
from guides.models.credits import WHOLE_BP
from guides.queries.crediting import ORDERS
from guides.queries.earning import AMOUNTS, LINES
from guides.queries.paying import GOES_ON, Kind, Line
from guides.queries.policy_terms import Scheme, Step, read_scheme
from newretail.kernel import clock, sql

OF_A_MONTH = (Kind.STEP, Kind.CAP)
# What the line comes to as the order stands now, by the statements that say what it should have earned.
OF_LINE = "SELECT l.*, %(rate)s::int AS rate_bp, %(share)s::int AS share_bp FROM of_lines l WHERE line_no = %(line)s"
STANDS = f"""
WITH tmp_pay_orders AS ({ORDERS.format(where="o.id = %(order)s")}), {LINES} {AMOUNTS.format(rated=OF_LINE)}
"""


@dataclass(frozen=True)
class Share:
    """As what she has a share, by which version of the rules or whose decision; `ended`: she has it no more."""

    credit: Credit
    decision: CreditDispute | None

    @property
    def ended(self) -> bool:
        """Tell whether the order was credited anew since."""
        return self.credit.end_entry_id is not None


@dataclass(frozen=True)
class Reckoned:
    """Base × rate × share as the order stands (cents): what was paid, given back, what that earns and what is left."""

    paid_cents: int
    back_cents: int
    gross_cents: int
    net_cents: int

    @property
    def taken_cents(self) -> int:
        """Tell what refunds took of it."""
        return self.gross_cents - self.net_cents


@dataclass(frozen=True)
class Explained:
    """A line with all that it follows from, and each move since: the sum of the moves is what is left of it."""

    line: Line
    first: CommissionEntry
    moves: list[CommissionEntry]
    went_on: list[CommissionEntry]
    share: Share | None
    reckoned: Reckoned | None
    scheme: Scheme | None

    @property
    def sum_cents(self) -> int:
        """Tell what all moves come to."""
        return sum(move.amount_cents for move in self.moves)

    @property
    def uncapped(self) -> Decimal:
        """Multiply the factors of the rate, in basis points, before the cap."""
        first = self.first
        return Decimal(first.level_bp * first.goods_bp * first.channel_bp * first.fresh_bp) / WHOLE_BP**3

    @property
    def capped(self) -> bool:
        """Tell whether the scheme's highest rate cut it."""
        return self.first.rate_bp < int(self.uncapped)

    @property
    def step(self) -> Step | None:
        """Give the step that the month's sales reached."""
        steps = self.scheme.steps if self.scheme else ()
        return next((step for step in reversed(steps) if step.from_cents <= self.line.entry.base_cents), None)


def explained(account: CommissionAccount, line: Line) -> Explained:
    """Explain a line of a person's."""
    found = _found(account, line.entry)
    moves = [entry for entry in found if entry.kind not in GOES_ON]
    first, share = moves[0], _share(moves[0])
    return Explained(
        line, first, moves, _went_on(found, moves), share, _reckoned(first, share) if share else None,
        read_scheme(line.entry.policy.terms) if line.entry.policy else None,
    )  # fmt: skip


def _same(entry: CommissionEntry) -> Q:
    """Name the moves that belong together with one."""
    if entry.order_id:
        return Q(order=entry.order_id, line_no=entry.line_no, role=entry.role, post=entry.post_id)
    if entry.bond_id or entry.task_id:
        return Q(bond=entry.bond_id, task=entry.task_id)
    if entry.kind in OF_A_MONTH:
        return Q(month=entry.month, kind=entry.kind)
    return Q(pk=entry.pk)


def _found(account: CommissionAccount, entry: CommissionEntry) -> list[CommissionEntry]:
    """Give the moves that belong together, and how their months went on."""
    own = account.entries.filter(_same(entry))
    rows = account.entries.filter(_same(entry) | Q(kind__in=GOES_ON, month__in=own.values("month")))
    return list(rows.select_related("by", "policy").order_by("id"))


def _went_on(found: Sequence[CommissionEntry], moves: Sequence[CommissionEntry]) -> list[CommissionEntry]:
    """List how the months of these moves went on: when they vested, were settled, were paid."""
    waited = {move.month: move.vests_on for move in moves if move.provisional_cents and move.vests_on}
    kept: dict[tuple[date, str], CommissionEntry] = {}
    for entry in found:
        vests_on = waited.get(entry.month)
        early = entry.kind == Kind.VEST and (vests_on is None or entry.vests_on is None or entry.vests_on < vests_on)
        if entry.kind in GOES_ON and not early:
            kept.setdefault((entry.month, entry.kind), entry)
    return list(kept.values())


def _share(first: CommissionEntry) -> Share | None:
    """Find the share of the order by which a line earned, as it stands or stood last."""
    if not first.order_id:
        return None
    rows = Credit.objects.filter(order=first.order_id, role=first.role, post=first.post_id)
    credit = rows.select_related("policy").order_by("-id").first()
    if credit is None:
        return None
    lines = [pk for pk in (credit.end_entry_id, credit.entry_id) if pk]
    decided = CreditDispute.objects.filter(order=first.order_id, state="granted", end_entry_id__in=lines)
    return Share(credit, decided.select_related("by").order_by("-id").first())


def _reckoned(first: CommissionEntry, share: Share) -> Reckoned | None:
    """Reckon a line anew by its frozen rate; None where the order no longer has it."""
    given = {
        "order": first.order_id, "line": first.line_no, "rate": first.rate_bp, "share": share.credit.share_bp,
        "zone": clock.brand_zone().key,
    }  # fmt: skip
    found = sql.rows(f"SELECT cents, round(back)::bigint, gross, net FROM ({STANDS}) s", given)
    return Reckoned(*found[0]) if found else None
