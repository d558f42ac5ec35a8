"""Sets of members as bits: seats packed into a string for PostgreSQL, and taken out of what it sends."""

from collections.abc import Iterable

from campaigns.models.seats import width_for
from newretail.kernel import sql

BYTE = 8
HEADER = 4  # bytes before the bits in what `varbit_send` gives: their number
PLACES: tuple[tuple[int, ...], ...] = tuple(
    tuple(place for place in range(BYTE) if byte & (128 >> place)) for byte in range(256)
)
MOST_SEAT = "SELECT coalesce(max(next_seat), 0) FROM members_seatcounter"


def width() -> int:
    """Give the length, in bits, of the strings that are in use now."""
    return width_for(int(sql.rows(MOST_SEAT)[0][0]))


def packed(seats: Iterable[int], bits: int) -> str:
    """Write seats as a literal of a bit string of so many bits, the seat 0 first."""
    return _literal(_with(bytearray(bits // BYTE), seats))


def changed(sent: bytes | memoryview, *, off: Iterable[int], on: Iterable[int]) -> str:
    """Write a bit string as it was sent with some seats taken out, then some put in."""
    held = bytearray(bytes(sent)[HEADER:])
    for seat in off:
        held[seat >> 3] &= ~(128 >> (seat & 7))
    return _literal(_with(held, on))


def unpacked(sent: bytes | memoryview) -> list[int]:
    """List the seats of a bit string as `varbit_send` gives it, upwards."""
    held = bytes(sent)[HEADER:]
    return [at * BYTE + place for at, byte in enumerate(held) if byte for place in PLACES[byte]]


def _with(held: bytearray, seats: Iterable[int]) -> bytearray:
    for seat in seats:
        held[seat >> 3] |= 128 >> (seat & 7)
    return held


def _literal(held: bytearray) -> str:
    return f"x{held.hex()}"
