"""Bands of the quadrant: how often, and how much an order brings."""

FREQUENCY_BANDS = (1, 2, 3, 4, 6, 11, 21, 51)  # lower bounds; band 0 is nobody's purchase
AOV_BANDS = (0, 1000, 2000, 3000, 5000, 8000, 12000, 20000, 40000)  # cents, lower bounds of bands 1 … 9


def band_sql(value: str, bounds: tuple[int, ...]) -> str:
    """Write the SQL that numbers the band of a value, 0 below the first bound."""
    return f"width_bucket({value}, ARRAY[{', '.join(map(str, bounds))}]::bigint[])"
